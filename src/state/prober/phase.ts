/** What says when a check has its turn. */
export interface Turn {
  readonly key: string
  readonly intervalMs: number
  /** Which of how many regions this is: their turns are spread evenly over the interval. */
  readonly region: number
  readonly regions: number
  /** The part of the interval over which a turn is spread. */
  readonly jitter: number
}

/**
 * The first turn whose middle is later than `afterMs`. Turns lie on a grid of absolute time that follows from the
 * name of the check: regions keep their distance without a word between them, and the checks of one prober theirs.
 */
export function nextTurnMs(turn: Turn, afterMs: number): number {
  const { key, intervalMs, region, regions, jitter } = turn
  const phaseMs = ((toUnit(key) + region / regions) % 1) * intervalMs
  const count = Math.floor((afterMs - phaseMs) / intervalMs) + 1
  const spread = toUnit(`${key} ${region} ${count}`) - 0.5
  return Math.round(phaseMs + (count + spread * jitter) * intervalMs)
}

/** The first turn that is not before `sinceMs`. */
export function firstTurnMs(turn: Turn, sinceMs: number): number {
  // A turn comes half of its spread before its middle at the earliest, and the one after it half an interval later.
  const afterMs = sinceMs - (turn.jitter / 2) * turn.intervalMs - 1
  const firstMs = nextTurnMs(turn, afterMs)
  return firstMs >= sinceMs ? firstMs : nextTurnMs(turn, afterMs + turn.intervalMs)
}

/** FNV-1a and the finalizer of MurmurHash3: a text as a number in [0, 1), the same everywhere. */
function toUnit(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
