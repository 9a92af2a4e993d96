import type { Isolates } from './isolates.ts'

const ISOLATES_PER_PACE = 200
const PACE_MS = 2000

/** The longest that an isolate is asked to wait: three thousand isolates make a hundred calls a second then. */
export const LONGEST_PACE_MS = 30_000

/** How long an isolate should wait before its next report, so that all of them together are not too many. */
export function reportAfterMs({ size }: Pick<Isolates, 'size'>): number {
  const paces = Math.max(1, Math.ceil(size / ISOLATES_PER_PACE))
  return Math.min(PACE_MS * paces, LONGEST_PACE_MS)
}
