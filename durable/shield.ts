import {
  parseShieldAsk,
  SHIELD_URLS,
  type ShieldAsk,
  toShieldResponse,
} from '../src/cache/shield-wire.ts'
import type { Env } from '../src/env.ts'

/** What an ask is answered with, given by who wires this: the data plane stands beyond the objects. */
export type ShieldService = (
  ask: ShieldAsk,
  place: { readonly env: Env; readonly ctx: Pick<DurableObjectState, 'waitUntil'> },
) => Promise<Response>

/**
 * Makes the class of the objects through which misses of all data centres go, one object for each shard of the keys:
 * what they ask for at the same time meets there, and is fetched once. An object keeps nothing in its storage; what it
 * has in memory is the service's.
 */
export function createShield(service: ShieldService) {
  return class Shield {
    readonly #ctx: DurableObjectState
    readonly #env: Env

    constructor(ctx: DurableObjectState, env: Env) {
      this.#ctx = ctx
      this.#env = env
    }

    async fetch(request: Request): Promise<Response> {
      if (request.url === SHIELD_URLS.alive) return new Response(null, { status: 204 })
      const ask =
        request.url === SHIELD_URLS.fetch ? parseShieldAsk(await request.text()) : undefined
      if (ask === undefined) return toShieldResponse({ type: 'behind', why: 'no such ask' }, null)
      return service(ask, { env: this.#env, ctx: this.#ctx })
    }
  }
}
