import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { Origin } from './origin.ts'
import { type Router, type RouterOptions, startRouter } from './router.ts'
import { stageOrigin } from './stage.ts'

type Routes = NonNullable<AuthoredConfig['routes']>

/** A router in front of three origins, and what it says of affinity. */
export interface Three {
  readonly router: Router
  readonly origins: readonly Origin[]
  origin(id: string): Origin
  /** What came of affinity in the first isolate. */
  counts(this: void): Promise<Readonly<Record<string, number>>>
}

/**
 * Three origins, `a`, `b` and `c`, in one pool that spreads by chance whoever belongs nowhere. Each route has the host
 * of its name below `.test`, unless it says otherwise.
 */
export async function startThree(
  routes: Readonly<Record<string, Omit<Routes[string], 'steer'>>>,
  options: RouterOptions = {},
): Promise<Three> {
  const origins = await Promise.all(['a', 'b', 'c'].map((id) => stageOrigin(id)))
  const steered: Routes = {}
  for (const [id, route] of Object.entries(routes)) {
    const steer = { policy: 'failover' as const, pools: ['all'] }
    steered[id] = { match: { hosts: [`${id}.test`] }, ...route, steer }
  }
  const all = {
    balance: { algorithm: 'random' as const },
    // A failure is no ejection here: an origin that is back is back.
    outlier: { consecutive: 1000, minRequests: 1000 },
    origins: Object.fromEntries(origins.map(({ id, url }) => [id, { url }])),
  }
  const router = await startRouter({ pools: { all }, routes: steered }, options)
  return {
    router,
    origins,
    origin(id) {
      const found = origins.find((origin) => origin.id === id)
      if (found === undefined) throw new Error(`there is no origin ${id}`)
      return found
    },
    async counts() {
      const { isolate } = await router.status()
      return isolate.affinity
    },
  }
}
