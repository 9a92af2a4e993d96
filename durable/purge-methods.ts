import * as z from 'zod'
import { PURGE_LIMITS, type PurgeRow, PurgeTarget } from '../src/schema/cache-purge.ts'
import { Actor } from '../src/schema/deed.ts'
import { TRAFFIC_LIMITS } from './traffic-methods.ts'
import type { Nothing } from './wire.ts'

// What the methods take. No strict objects: an object of one release may meet a Worker of the next.

/** What is purged, by whom and why. */
export const PurgeInput = z.object({
  targets: z.array(PurgeTarget).min(1).max(PURGE_LIMITS.targets),
  kind: z.enum(['hard', 'soft']),
  actor: Actor,
  reason: z.string().max(TRAFFIC_LIMITS.reason).default(''),
  dryRun: z.boolean().default(false),
  /** Goes past what protects from a purge of everything; whoever may ask for that was checked before. Recorded. */
  override: z.boolean().default(false),
})

/** A purge that was taken in, or (a dry run) would be. */
export interface PurgeMade {
  readonly outcome: 'purged'
  readonly dryRun: boolean
  readonly serial: number
  readonly generation: number
  /** Whether it stands in the store that every edge reads; if not, attempts go on. */
  readonly published: boolean
  /** Rows that are remembered, this purge among them. */
  readonly rows: number
  /** Older rows that became wider, since there were too many, and into what (the first twenty). */
  readonly widened: number
  readonly into: readonly PurgeTarget[]
}

/** What became of a purge. */
export type PurgeAnswer = PurgeMade | { readonly outcome: 'no-configuration' }

/** The methods of the control object that concern purges of the edge cache. */
export interface PurgeMethods {
  purge(input: z.input<typeof PurgeInput>): PurgeAnswer
  /** Those that still count, the newest first. */
  purges(input: z.input<typeof Nothing>): { readonly items: readonly PurgeRow[] }
}
