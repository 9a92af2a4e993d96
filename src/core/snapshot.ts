import type { ExclusionReason } from '../schema/reason.ts'
import type { Key } from '../schema/key.ts'
import type { Origin, Pool } from '../schema/pool.ts'
import type { Route } from '../schema/route.ts'
import type { AffinityKey, FormerShards } from '../schema/snapshot.ts'
import type { Settings } from '../schema/config.ts'
import type { CompiledLimit } from './compile-limits.ts'
import type { MatchTable } from './match/table.ts'
import type { Group, Order } from './order/order.ts'

/** A group and how its members are ordered. */
export interface Ordering {
  readonly policy: string
  readonly key: Key
  readonly group: Group
  readonly order: Order
  /** Whether it leaves nobody out who is eligible: then one alone needs no ordering. */
  readonly takesAll: boolean
  /** Whether a choice moves the group's credits, as round-robin does. */
  readonly rotates: boolean
}

/** An origin as the edge decides with it. */
export interface CompiledOrigin extends Omit<Origin, 'headers'> {
  /** Its place in `Snapshot.origins` and in `Observations.origins`. */
  readonly index: number
  readonly id: string
  readonly pool: string
  readonly headers: readonly (readonly [string, string])[]
  readonly sharePercent: number
  /** Names the attempt of its recovery, while there is one. */
  readonly attempt: string | undefined
  /** Why it may not serve whatever the request, if so: health or admin state. */
  readonly standing: ExclusionReason | undefined
  /** Ready, without a cap and with its whole share: nothing but an ejection can exclude it. */
  readonly isPlain: boolean
  readonly hash: number
}

/** A pool as the edge decides with it. */
export interface CompiledPool {
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
  readonly sharePercent: number
  /** Names the attempt of its recovery, while there is one. */
  readonly attempt: string | undefined
  readonly standing: ExclusionReason | undefined
  readonly outlier: Pool['outlier']
  readonly holdDown: Pool['holdDown']
  readonly hash: number
}

/** A route as the edge decides with it: the canonical route, and its policy made ready. */
export interface CompiledRoute {
  readonly id: string
  readonly route: Route
  readonly steer: CompiledSteer | undefined
  readonly limits: readonly CompiledLimit[]
  /** Neither limits nor affinity nor a split of writes: nothing is to be settled before its decision. */
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
}
