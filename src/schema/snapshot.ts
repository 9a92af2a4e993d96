import * as z from 'zod'
import type { PurgeRow } from './cache-purge.ts'
import type { Conditions, PublishedRouteCondition } from './condition.ts'
import type { Config } from './config.ts'

/** Raised whenever a document of an older Worker can no longer be compiled by this one. */
export const SNAPSHOT_FORMAT = 1

/**
 * The value that the control object publishes and every edge decides from: one accepted revision, in
 * canonical form (defaults filled in, durations in milliseconds), with the conditions of the moment.
 * `generation` rises with every publication, `revision` with every accepted configuration.
 */
export interface SnapshotDocument {
  readonly format: typeof SNAPSHOT_FORMAT
  readonly revision: number
  /** Digest of `config`: equal forms compile to the same, whatever their revisions. */
  readonly form: string
  readonly generation: number
  readonly publishedAtMs: number
  readonly config: Config
  readonly conditions: PublishedConditions
  /** What affinity cookies are signed with, newest last. Absent in what an older release published. */
  readonly keyring?: readonly AffinityKey[]
  /** Counts of session shards that were in force before, and until when a session may still stand there. */
  readonly formerShards?: readonly FormerShards[]
  /** Of the edge cache, in rising order of their serials. Absent in what an older release published. */
  readonly purges?: readonly PurgeRow[]
}

/** A key that signs affinity cookies from a moment on, and verifies them as long as it is in the ring. */
export interface AffinityKey {
  readonly id: string
  /** 32 bytes, base64url. */
  readonly secret: string
  readonly signsFromMs: number
}

/** A count of session shards that a configuration had. */
export interface FormerShards {
  readonly shards: number
  readonly untilMs: number
}

/** Without `routes` in what an older release published. */
export type PublishedConditions = Omit<Conditions, 'routes'> & {
  readonly routes?: Readonly<Record<string, PublishedRouteCondition>>
}

/** A snapshot for those who have the configuration of that form: a change of health is small on every way. */
export type SnapshotUpdate = Omit<SnapshotDocument, 'config'>

const Update = z.looseObject({
  format: z.literal(SNAPSHOT_FORMAT),
  revision: z.int().min(0),
  form: z.string(),
  generation: z.int().min(0),
  publishedAtMs: z.number(),
  conditions: z.looseObject({ origins: z.looseObject({}), pools: z.looseObject({}) }),
})

const ConfigShape = z.looseObject({ routes: z.looseObject({}), pools: z.looseObject({}) })

/** A whole document, or an update of one. */
export type SnapshotNews = SnapshotUpdate & { readonly config?: Config }

/**
 * Reads what a place holds. Only the envelope is checked: the rest was written by this project's control
 * object in this very format. Anything else (another format, a torn value) is `undefined`.
 */
export function parseSnapshotNews(value: unknown): SnapshotNews | undefined {
  const parsed = Update.safeParse(value)
  if (!parsed.success) return undefined
  const { config } = parsed.data
  if (config !== undefined && !ConfigShape.safeParse(config).success) return undefined
  // The control object wrote it from a parsed Config; parsing 10,000 routes again would cost each edge 100 ms.
  return value as SnapshotNews
}
