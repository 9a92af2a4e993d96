import { type Forwarded, forwardStatus } from '../../cache/policy/cache-status.ts'
import type { Past, Unsafe } from '../../cache/policy/key.ts'
import { tellPlaceAndDevice } from '../../cache/policy/told.ts'
import type { Result } from '../pass.ts'
import type { Caching } from './caching.ts'
import { markPassed } from './mark-passed.ts'
import { noteChange } from './note-change.ts'
import type { PassingVisit } from './visit.ts'

/**
 * Sends a request on as without a cache. What an unsafe one may have changed is not given out any more without asking,
 * once its answer is no error (RFC 9111 §4.4).
 */
export function passBy(
  visit: PassingVisit,
  asked: Past | Unsafe | Conditional,
): Result | Promise<Result> {
  const { passage, facts, found, cached, counts, arrived } = visit
  counts.bypassed += 1
  const caching: Caching = {
    isKept: false,
    toOrigin: (headers) => tellPlaceAndDevice(headers, cached.keying, arrived),
    mark: (headers, status) => {
      if (asked.type === 'unsafe') noteChange(visit, asked, { status, headers })
      markPassed(headers, forwardStatus(cached.name, { ...toForwarded(asked), status }))
    },
  }
  return visit.onward({ ...passage, caching }, facts, found)
}

/** What the client asks the origin itself to judge. */
export interface Conditional {
  readonly type: 'conditional'
}

function toForwarded(asked: Past | Unsafe | Conditional): Forwarded {
  if (asked.type === 'conditional') return { fwd: 'request', detail: 'condition' }
  const isByMethod = asked.type === 'unsafe' || asked.why === 'method'
  return isByMethod ? { fwd: 'method' } : { fwd: 'bypass', detail: asked.why }
}
