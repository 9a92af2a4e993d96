import { createFlights, type Flights } from '../src/cache/flight.ts'
import { parseShieldAsk, type ShieldAsk } from '../src/cache/shield-ask.ts'
import { SHIELD_URLS, type ShieldSight, toShieldResponse } from '../src/cache/shield-wire.ts'
import type { Env } from '../src/env.ts'

/** Where an ask is answered. */
export interface ShieldPlace {
  readonly env: Env
  readonly ctx: Pick<DurableObjectState, 'waitUntil'>
  /** What the object fetches for all who ask it: its keys are its own, and what it has under way ends with it. */
  readonly flights: Flights
}

/** What a shield does, given by who wires this: the data plane stands beyond the objects. */
export interface ShieldService {
  /** An object begins: another one may have been ended in the middle of anything. */
  begin(this: void): void
  /** Answers what an edge misses. */
  answer(this: void, ask: ShieldAsk, place: ShieldPlace): Promise<Response>
  /** What stands under a key in memory. */
  look(this: void, key: string): ShieldSight
}

/**
 * Makes the class of the objects through which misses of all data centres go, one object for each shard of the keys:
 * what they ask for at the same time meets there, and is fetched once. An object keeps nothing in its storage; what it
 * has in memory is the service's.
 */
export function createShield({ begin, answer, look }: ShieldService) {
  return class Shield {
    readonly #place: ShieldPlace

    constructor(ctx: DurableObjectState, env: Env) {
      this.#place = { ctx, env, flights: createFlights() }
      begin()
    }

    async fetch(request: Request): Promise<Response> {
      switch (request.url) {
        case SHIELD_URLS.alive:
          return new Response(null, { status: 204 })
        case SHIELD_URLS.look:
          return Response.json(look(await request.text()))
        case SHIELD_URLS.fetch:
          return this.#answer(parseShieldAsk(await request.text()))
        default:
          return this.#answer(undefined)
      }
    }

    #answer(ask: ShieldAsk | undefined): Response | Promise<Response> {
      if (ask !== undefined) return answer(ask, this.#place)
      return toShieldResponse({ type: 'behind', why: 'no such ask' }, null)
    }
  }
}
