/**
 * Whether a time is still to come. One that lies further ahead than it was ever set is one that the clock has jumped
 * away from, and counts as past.
 */
export function isAhead(atMs: number, nowMs: number, longestMs: number): boolean {
  return nowMs < atMs && atMs - nowMs <= longestMs
}
