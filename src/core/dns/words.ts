import type { Answering } from './answers.ts'
import type { Line } from './line.ts'

/** `"eu" (2 of 3 origins)`. */
export function poolWords({ pool, origins }: Answering): string {
  return `"${pool.id}" (${origins.length} of ${pool.origins.length} origins)`
}

/** Most things that a sentence lists. */
const MOST_LISTED = 6

/** Things with commas between them, the first few of many. */
export function listWords(things: readonly string[], most = MOST_LISTED): string {
  const listed = things.slice(0, most).join(', ')
  return things.length > most ? `${listed}, and ${things.length - most} more` : listed
}

/** How far a decision had to go, as a sentence; empty when not at all. */
export function toleranceWords(tolerance: Line['tolerance']): string {
  switch (tolerance) {
    case 'none':
      return ''
    case 'last-resort':
      return 'No other may serve, so those answer that have not all of their traffic back yet.'
    case 'reserve':
      return 'No other may serve, so those answer that drain or have too few origins.'
    case 'fallback':
      return 'Every other pool is out, so the fallback pool answers.'
  }
}
