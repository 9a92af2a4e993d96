import { afterAll } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { type Origin, startOrigin } from './origin.ts'
import { configure, openRouter, type Router, type RouterOptions } from './router.ts'

/** An origin that has seen nothing yet, and a router in front of it. */
export interface Shared {
  readonly origin: Origin
  readonly router: Router
}

/**
 * For a file of tests that only send and look: those that want the same configuration share one router and the origin
 * behind it, which end with the file. What failed stays with a router, so that no origin here is to fail. Called once a
 * file, outside of any test.
 */
export function shareRouters(
  options: RouterOptions = {},
): (toConfig: (origin: Pick<Origin, 'id' | 'url'>) => AuthoredConfig) => Promise<Shared> {
  const started = new Map<string, Promise<Shared>>()
  afterAll(async () => {
    for (const each of await Promise.allSettled(started.values())) {
      if (each.status === 'rejected') continue
      await each.value.router.runtime.dispose()
      await each.value.origin.stop()
    }
  })
  return async (toConfig) => {
    const key = JSON.stringify(toConfig({ id: 'origin', url: 'http://origin.test' }))
    const starting = started.get(key) ?? start(toConfig, options)
    started.set(key, starting)
    const shared = await starting
    shared.origin.forget()
    return shared
  }
}

async function start(
  toConfig: (origin: Origin) => AuthoredConfig,
  options: RouterOptions,
): Promise<Shared> {
  const origin = await startOrigin('origin')
  const router = await openRouter(options)
  await configure(router, toConfig(origin))
  return { origin, router }
}
