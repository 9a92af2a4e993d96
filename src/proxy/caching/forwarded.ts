import type { Forwarded } from '../../cache/policy/cache-status.ts'
import { ttlSecondsOf } from '../../cache/policy/reuse.ts'
import { placeIn } from '../../cache/residence.ts'
import type { Found } from './giver.ts'
import { isChanged } from './standing.ts'
import type { Visit } from './visit.ts'

/** Why a request is sent on: what memory holds for it is not good enough, or it holds nothing. */
export function toForwarded(visit: Visit, known: Found | undefined): Forwarded {
  if (known) return toForwardedFrom(visit, known)
  const { arrived, asked, engine } = visit
  const { variants } = placeIn(engine.memory, asked.key, arrived)
  return { fwd: variants === undefined ? 'uri-miss' : 'vary-miss' }
}

/** It is not fresh any more, or the client wants another than that (RFC 9211 §2.2). */
function toForwardedFrom({ engine, passage }: Visit, { head, purge }: Found): Forwarded {
  if (purge !== 'none') return { fwd: 'stale', detail: 'purged' }
  const isFreshByItself = ttlSecondsOf(head, passage.arrivedAtMs) > 0 && !head.isValidatedAlways
  return { fwd: isFreshByItself && !isChanged(engine, head) ? 'request' : 'stale' }
}
