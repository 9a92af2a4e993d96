import type { Arrived } from '../../cache/policy/key.ts'
import type { FoundRoute } from '../../core/decide.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { RequestUrl } from '../request-url.ts'

/** What a request is known by. */
export interface Arrival {
  readonly facts: RequestFacts
  readonly found: FoundRoute
  readonly url: RequestUrl
  readonly headers: Headers
}

/** A request as its key is made of it. */
export function toArrived({ facts, found, url, headers }: Arrival): Arrived {
  return {
    method: facts.method,
    url,
    match: found.match,
    country: facts.client.country,
    header: (name) => headers.get(name) ?? undefined,
  }
}
