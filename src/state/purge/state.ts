import * as z from 'zod'
import { CACHE_LIMITS } from '../../schema/cache-limits.ts'
import { PurgeRow } from '../../schema/cache-purge.ts'

/** Bounds of what is remembered. `bytes`: of all rows as JSON, which every change of health carries to every edge. */
export const PURGE_STATE_LIMITS = {
  bytes: 131_072,
  /**
   * A day longer than anything is kept: an isolate that the control object could not reach for so long may have
   * stored what it fetched then, not knowing of the purge.
   */
  keptMs: CACHE_LIMITS.lifeMs + 86_400_000,
} as const

/** A row that this release cannot read, since a later one wrote it, purges everything: more, never less. */
const StoredRow = PurgeRow.or(
  z.looseObject({ serial: z.int().min(1) }).transform(({ serial }): PurgeRow => {
    return { serial, target: { all: true }, kind: 'hard' }
  }),
)

/** The purges that still count, in rising order of their serials. */
export const Purges = z.object({
  last: z.int().min(0).describe('The highest serial ever given out.'),
  rows: z.array(StoredRow),
})
export type Purges = z.output<typeof Purges>

/** Nothing was purged. */
export const initialPurges: Purges = { last: 0, rows: [] }
