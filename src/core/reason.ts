import type { ExclusionReason, RefusalReason } from '../schema/reason.ts'

/** The HTTP status of a refusal (RFC 9110 §15; 508: RFC 5842 §7.2). */
export function toStatus(reason: RefusalReason): number {
  switch (reason.type) {
    case 'bad-request':
      return 400
    case 'no-route':
      return 404
    case 'origin-failed':
      return 502
    case 'no-snapshot':
    case 'no-origin':
      return 503
    case 'origin-timeout':
      return 504
    case 'loop':
      return 508
  }
}

/** A refusal in a sentence that a client may read: it names no address and no internals. */
export function toWords(reason: RefusalReason): string {
  switch (reason.type) {
    case 'bad-request':
      return reason.detail
    case 'no-route':
      return 'No route matches this host and path.'
    case 'no-snapshot':
      return 'The router has no configuration yet.'
    case 'no-origin':
      return `None of the ${reason.excluded} origins of route "${reason.route}" may serve now.`
    case 'origin-failed':
      return `No origin answered after ${counted(reason.attempts, 'attempt')}: ${reason.detail}.`
    case 'origin-timeout':
      return `No origin answered within ${reason.timeoutMs} ms, after ${counted(reason.attempts, 'attempt')}.`
    case 'loop':
      return `The request came through this router before (Via: ${reason.via}).`
  }
}

/** Why an origin or pool was passed over, in words and numbers for an operator. */
export function toExclusionWords(reason: ExclusionReason): string {
  switch (reason.type) {
    case 'unhealthy':
      return `${reason.health}${reason.evidence && `: ${reason.evidence}`}`
    case 'maintenance':
      return 'in maintenance'
    case 'draining':
      return 'draining: it takes no new clients'
    case 'ejected':
      return `ejected for another ${Math.ceil(reason.remainingMs / 1000)} s: ${reason.cause}`
    case 'not-admitted':
      return `not admitted: the key falls at ${reason.bucketPercent.toFixed(2)} %, its share is ${reason.sharePercent} %`
    case 'at-capacity':
      return `at capacity: ${reason.inFlight} in flight of ${reason.maxConnections}`
    case 'pool-down':
      return `down: ${reason.usable} usable of at least ${reason.minimumOrigins}`
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
