/** Where an answer came from. */
export type ServedFrom = 'memory' | 'colo' | 'kv' | 'shield'

/** What became of the requests of one route, as this isolate saw them. Each counts once among the first group. */
export interface RouteCounts {
  /** Fresh answers, by where they were. */
  readonly hits: Record<ServedFrom, number>
  /** Answers that were not fresh any more and could be used all the same. */
  stale: number
  /** Found, asked about, and still good. */
  revalidated: number
  /** Fetched from an origin, or not to be had. */
  misses: number
  /** Fetched or asked about behind a stale answer: no request of a client. */
  refreshed: number
  /** Waited for another request, and got what that one fetched. */
  collapsed: number
  /** Not looked up: the method, or a rule of the route. */
  bypassed: number
  stored: number
  /** Fetched, and not to be stored. */
  uncacheable: number
  /** Lengths of the stored bodies that were given out of, whole or in part. */
  bytesServed: number
  bytesStored: number
}

/** By route. */
export type CacheCounts = Map<string, RouteCounts>

/** Nothing counted. */
export function createCounts(): CacheCounts {
  return new Map()
}

/** The counts of a route, begun when it has none. */
export function countsOf(counts: CacheCounts, route: string): RouteCounts {
  const known = counts.get(route)
  if (known) return known
  const begun: RouteCounts = {
    hits: { memory: 0, colo: 0, kv: 0, shield: 0 },
    stale: 0,
    revalidated: 0,
    misses: 0,
    refreshed: 0,
    collapsed: 0,
    bypassed: 0,
    stored: 0,
    uncacheable: 0,
    bytesServed: 0,
    bytesStored: 0,
  }
  counts.set(route, begun)
  return begun
}
