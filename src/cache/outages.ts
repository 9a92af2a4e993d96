/** How often an isolate sends a request of a route that is out on by its panic rule, and the most routes it knows. */
const OUTAGES = { trialMs: 5000, routes: 1000 } as const

/** When this isolate found which routes out. */
export interface Outages {
  readonly routes: Map<string, Outage>
}

interface Outage {
  lastMs: number
  triedMs: number
}

/** No route was out yet. */
export function createOutages(): Outages {
  return { routes: new Map() }
}

/** When a route was found out last, if it ever was. */
export function lastOutMs({ routes }: Outages, route: string): number | undefined {
  return routes.get(route)?.lastMs
}

/**
 * Notes that a route is out. True when it is time to send a request on all the same, behind the stale answer: of an
 * origin without a monitor nobody would hear otherwise that it is well again.
 */
export function noteOut({ routes }: Outages, route: string, nowMs: number): boolean {
  const known = routes.get(route)
  if (known === undefined) {
    const [oldest] = routes.keys()
    if (routes.size >= OUTAGES.routes && oldest !== undefined) routes.delete(oldest)
    // The first tries nothing: somebody has just failed, or a probe has.
    routes.set(route, { lastMs: nowMs, triedMs: nowMs })
    return false
  }
  known.lastMs = nowMs
  // A distance, not an order: the clock may jump back.
  if (Math.abs(nowMs - known.triedMs) < OUTAGES.trialMs) return false
  known.triedMs = nowMs
  return true
}
