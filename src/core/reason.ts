import type { ExclusionReason, RefusalReason } from '../schema/reason.ts'

/** The HTTP status of a refusal (RFC 9110 §15; 508: RFC 5842 §7.2). */
export function toStatus(reason: RefusalReason): number {
  switch (reason.type) {
    case 'bad-request':
      return 400
    case 'no-route':
      return 404
    case 'rate-limited':
    case 'too-many-at-once':
      return 429
    case 'origin-failed':
      return 502
    case 'no-snapshot':
    case 'no-origin':
    case 'overloaded':
    case 'session-out':
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
    case 'overloaded':
      return `Every origin of route "${reason.route}" that could serve is full, or its pool sheds load.`
    case 'session-out':
      return 'The origin that holds this session is out, and no other can take it over.'
    case 'rate-limited':
      return `The limit "${reason.limit}" allows ${counted(reason.requests, 'request')} in ${reason.perMs / 1000} s.`
    case 'too-many-at-once':
      return `More than ${counted(reason.most, 'request')} of this ${reason.per} at the same time.`
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
      return drainingWords(reason)
    case 'ejected':
      return `ejected for another ${Math.ceil(reason.remainingMs / 1000)} s: ${reason.cause}`
    case 'not-admitted':
      return `not admitted: the key falls at ${reason.bucketPercent.toFixed(2)} %, its share is ${reason.sharePercent} %`
    case 'at-capacity':
      return `at capacity: ${reason.inFlight} in flight of ${reason.maxConnections}`
    case 'on-trial':
      return `on trial after an ejection: ${reason.underWay} of ${counted(reason.trials, 'trial')} under way`
    case 'shed':
      return `shedding ${reason.shedPercent} % of this traffic (${reason.why}): the key falls at ${reason.bucketPercent.toFixed(2)} %`
    case 'pool-down':
      return `down: ${reason.usable} usable of at least ${reason.minimumOrigins}`
  }
}

function drainingWords({ leavingPercent }: Extract<ExclusionReason, { type: 'draining' }>): string {
  if (leavingPercent === undefined) return 'draining: it takes no new clients'
  return `draining, and ${leavingPercent.toFixed(2)} % of the clients bound there have to leave by now`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
