import { configure, openRouter } from '../router.ts'
import type { Exchange, Outcome } from './exchange.ts'
import { play } from './play.ts'
import { startScriptedOrigin } from './scripted-origin.ts'

/** A cache that is played against, as long as it is needed. */
export interface Player {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a cache in front of an origin of its own, plays exchanges through it, and ends both. */
export async function playThrough(
  start: (originPort: number) => Promise<Player>,
  exchanges: readonly Exchange[],
): Promise<readonly (readonly Outcome[])[]> {
  const origin = await startScriptedOrigin(exchanges)
  try {
    const cache = await start(origin.port)
    try {
      return await play(exchanges, cache.url, origin)
    } finally {
      await cache.stop()
    }
  } finally {
    await origin.stop()
  }
}

/** Starts this router with a cache in "standard" that uses nothing stale but where an answer allows it. */
export async function startOurs(originPort: number): Promise<Player> {
  const router = await openRouter()
  await configure(router, {
    pools: {
      main: {
        // What fails on purpose here says nothing of the origin.
        outlier: { consecutive: 1000, minRequests: 1000 },
        origins: { scripted: { url: `http://127.0.0.1:${originPort}` } },
      },
    },
    routes: {
      main: { steer: { policy: 'failover', pools: ['main'] }, cache: { stale: { ifError: '0s' } } },
    },
  })
  return { url: router.url, stop: () => router.runtime.dispose() }
}
