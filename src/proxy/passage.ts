import type { Env } from '../env.ts'
import type { Caching } from './caching/caching.ts'
import type { Identity } from './identity.ts'
import type { Isolate, Standing } from './isolate.ts'
import type { Session } from './affinity/session.ts'
import type { RequestUrl } from './request-url.ts'

/** One request as the platform hands it over. */
export interface Call {
  readonly request: Request
  readonly env: Env
  readonly ctx: Pick<ExecutionContext, 'waitUntil'>
}

/**
 * A request on its way through the router, with what is known before it is decided. One object, handed
 * on as it is. What it has read of the request stands in it: each touch of the platform's objects costs
 * about 0.3 % of a whole request.
 */
export interface Passage extends Call {
  readonly headers: Headers
  readonly identity: Identity
  readonly url: RequestUrl
  readonly via: string | null
  readonly isolate: Isolate
  readonly standing: Standing
  readonly arrivedAtMs: number
  /** Whether something of this request goes on after its answer. */
  readonly outlives: boolean
  /** Whether the runtime is a local one: a header may stand for what the edge knows. */
  readonly isLocal: boolean
  /** On a route with affinity. */
  readonly session?: Session
  /** On a route with a cache. */
  readonly caching?: Caching
}
