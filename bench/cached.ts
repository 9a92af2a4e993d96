import type { CacheStanding } from '../src/schema/cache-report.ts'
import type { Contestant } from './contestants.ts'
import type { BenchOrigin } from './origins.ts'
import type { Listener } from './peers.ts'
import { configOf, type Route, startRouter, statusOf, withRoute } from './router.ts'
import type { RunningWorker } from './runtime.ts'

/** What a router has counted of its one route. */
export type RouteCounts = CacheStanding['routes'][string]

/** What is measured of a route. */
export interface Cached {
  /** None: a route without a cache. */
  readonly settings?: NonNullable<Route['cache']>
  readonly headers?: Readonly<Record<string, string>>
  readonly cache?: RunningWorker
  /** How many of its answers were what is to be measured. */
  readonly expect?: (counts: RouteCounts) => number
}

/** This router with a cache in front of one path of the origins. */
export function cached(name: string, path: string, of: Cached): Contestant {
  const { settings, headers, cache, expect } = of
  return {
    name,
    async start(origins: readonly BenchOrigin[], cores: string | undefined): Promise<Listener> {
      const route = {
        rewrite: { path: { replaceFull: path } },
        ...(settings && { cache: settings }),
      }
      const config = withRoute(configOf(origins), route)
      const running = await startRouter(origins, cores, { config, cache })
      return {
        ...running,
        ...(headers && { headers }),
        async stop() {
          if (expect) await check(name, running, expect)
          await running.stop()
        },
      }
    },
  }
}

/** Whether it has measured what it says: a router that is too slow for a tier goes on without it. */
async function check(
  name: string,
  running: RunningWorker,
  expect: (counts: RouteCounts) => number,
): Promise<void> {
  const { isolate, cache } = await statusOf(running)
  const counts = cache.routes['all']
  const share = counts ? expect(counts) / isolate.requests : 0
  if (share < 0.9) {
    throw new Error(`"${name}" was only ${Math.round(share * 100)} % of what it is said to be`)
  }
}
