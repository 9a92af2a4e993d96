import type { ExclusionReason } from '../schema/reason.ts'
import type { Key } from '../schema/key.ts'
import type { Shed } from '../schema/limit.ts'
import type { Origin, Pool } from '../schema/pool.ts'
import type { Route } from '../schema/route.ts'
import type { AffinityKey, FormerShards } from '../schema/snapshot.ts'
import type { Settings } from '../schema/config.ts'
import type { CompiledLimit } from './compile-limits.ts'
import type { MatchTable } from './match/table.ts'
import type { Group, Order } from './order/order.ts'
import type { PurgeIndex } from './purge.ts'

/** A group and how its members are ordered. */
export interface Ordering {
  readonly policy: string
  readonly key: Key
  readonly group: Group
  readonly order: Order
  /** The same where affinity places clients by a key of their own: equal keys meet equal members. */
  readonly keyed: Order
  /** Whether it leaves nobody out who is eligible: then one alone needs no ordering. */
  readonly takesAll: boolean
  /** Whether a choice moves the group's credits, as round-robin does. */
  readonly rotates: boolean
}

/** How an origin or a pool stands under the conditions of the moment. */
export interface Conditioned {
  /** Why it may not serve whatever the request, if so: health or admin state. */
  readonly standing: ExclusionReason | undefined
  readonly sharePercent: number
  /** How many of the clients that are free to go anywhere are let in, so that the share is right. */
  readonly admitPercent: number
  /** Names the attempt of its recovery, while there is one. */
  readonly attempt: string | undefined
  /** While it comes back: clients bound before return by its share, those bound since stay. */
  readonly keepsSinceMs: number | undefined
  /** While it drains: when the clients that are bound to it have to go. */
  readonly drain: DrainTime | undefined
  /** What an operator takes off it. */
  readonly shed: Shed | undefined
  /** Ready, with its whole share and unshed. */
  readonly isWell: boolean
  readonly hash: number
}

/** From when to when something drains. Without a beginning all go at the end at once. */
export interface DrainTime {
  readonly fromMs: number | undefined
  readonly untilMs: number
}

/** An origin as the edge decides with it. */
export interface CompiledOrigin extends Omit<Origin, 'headers'>, Conditioned {
  /** Its place in `Snapshot.origins` and in `Observations.origins`. */
  readonly index: number
  readonly id: string
  readonly pool: string
  readonly headers: readonly (readonly [string, string])[]
  /** Whether no condition is about it. */
  readonly isAsConfigured: boolean
  /** Well and without a cap: only an ejection, and the trials after it, can exclude it. */
  readonly isPlain: boolean
}

/** A pool as the edge decides with it. */
export interface CompiledPool extends Conditioned {
  readonly index: number
  readonly id: string
  readonly ordering: Ordering
  /** Aligned with `ordering.group`. */
  readonly origins: readonly CompiledOrigin[]
  /** Whether no condition is about it or one of its origins. */
  readonly isAsConfigured: boolean
  /** Every position of `origins`: the usual answer to who may serve, made once. */
  readonly everyone: readonly number[]
  readonly minimumOrigins: number
  /** Whether its share or that of one of its origins is on its way. */
  readonly isMoving: boolean
  readonly outlier: Pool['outlier']
  readonly shedding: Pool['shedding']
  readonly countUntil: Pool['countUntil']
  readonly holdDown: Pool['holdDown']
}

/** A route as the edge decides with it: the canonical route, and its policy made ready. */
export interface CompiledRoute {
  readonly id: string
  readonly route: Route
  readonly steer: CompiledSteer | undefined
  /** Where its writes go, when the route splits them from its reads. */
  readonly writes: CompiledSteer | undefined
  readonly limits: readonly CompiledLimit[]
  /** Neither limits nor a cache nor affinity nor a split of writes: nothing is to be settled before its decision. */
  readonly isPlain: boolean
}

/** A steering policy made ready: member `i` of the ordering is pool `pools[i]`, an index into `Snapshot.pools`. */
export interface CompiledSteer {
  readonly ordering: Ordering
  readonly pools: readonly number[]
  /** Where its weights are on their way to, while they are. */
  readonly shift: CompiledShift | undefined
  readonly fallback: number | undefined
  readonly mirror: number | undefined
}

/** The weights to which a route is on its way: those whose bucket lies below `percent` go by them already. */
export interface CompiledShift {
  /** Of the same members as the ordering of the route. */
  readonly ordering: Ordering
  readonly percent: number
  readonly hash: number
}

/** The request headers, cookies and query parameters that some route or key asks for. */
export interface Needs {
  readonly headers: readonly string[]
  readonly cookies: readonly string[]
  readonly query: readonly string[]
}

/** What follows from a configuration alone: kept from one generation to the next. */
export interface CompiledRevision {
  /** Digest of the configuration. */
  readonly form: string
  readonly settings: Settings
  readonly table: MatchTable
  /** In order of precedence: `MatchTable` answers with places in this list. */
  readonly routes: readonly CompiledRoute[]
  readonly needs: Needs
  /** By id of an origin: where a bond leads. */
  readonly places: ReadonlyMap<string, OriginPlace>
}

/** Where an origin stands: an index into `Snapshot.pools`, and one into the origins of that pool. */
export interface OriginPlace {
  readonly pool: number
  readonly position: number
}

/** The frozen value that every decision is made from. */
export interface Snapshot extends CompiledRevision {
  /** As the configuration has it, whatever weights are on their way now. */
  readonly base: CompiledRevision
  readonly revision: number
  readonly generation: number
  readonly publishedAtMs: number
  readonly keyring: readonly AffinityKey[]
  readonly formerShards: readonly FormerShards[]
  readonly pools: readonly CompiledPool[]
  readonly origins: readonly CompiledOrigin[]
  /** What of the edge cache was purged. */
  readonly purges: PurgeIndex
}
