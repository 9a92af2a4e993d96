import type { DnsFailure } from '../../src/schema/dns-record-set.ts'
import { parseRetryAfter } from '../../src/outbound/retry-after.ts'
import type { HttpAnswer } from '../http.ts'
import { childOf, listOf, parseXml, textOf, type XmlElement } from './xml.ts'

/** What Route 53 answered to one request. */
export type Answer =
  | { readonly ok: true; readonly value: XmlElement }
  | {
      readonly ok: false
      readonly failure: DnsFailure
      /** The word of Route 53 for what went wrong: `InvalidChangeBatch`. */
      readonly code: string
      /** Whether it is certain that nothing was done. */
      readonly isSure: boolean
    }

/** Judges a response. `doing` begins the sentence: "listing the records of example.com". */
export function toAnswer({ status, headers, text }: HttpAnswer, doing: string): Answer {
  const root = parseXml(text)
  if (status >= 200 && status < 300) {
    return root === undefined
      ? unclear('garbled', `${doing}: the answer (status ${status}) is no XML`)
      : { ok: true, value: root }
  }
  const { code, message } = toError(root)
  const kind = kindOf(code, status)
  const said = code === '' ? `status ${status}` : `${code}: ${message} (status ${status})`
  const cure = CURES[code] === undefined ? '' : `; ${CURES[code]}`
  const pauseMs = parseRetryAfter(headers.get('retry-after'), Date.now())
  return {
    ok: false,
    failure: {
      kind,
      detail: `${doing}: ${said}${cure}`,
      ...(pauseMs > 0 && { retryAfterMs: pauseMs }),
    },
    code,
    isSure: status < 500,
  }
}

/** A failure after which it is certain that nothing was done. */
export function notDone(kind: DnsFailure['kind'], detail: string): Answer {
  return { ok: false, failure: { kind, detail }, code: '', isSure: true }
}

/** A failure after which what was asked for may have been done. */
export function unclear(kind: DnsFailure['kind'], detail: string): Answer {
  return { ok: false, failure: { kind, detail }, code: '', isSure: false }
}

/**
 * An error comes in two shapes: as every REST service of AWS has it, and as `InvalidChangeBatch` is published, with a
 * message for each change.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html#API_ChangeResourceRecordSets_Errors
 */
function toError(root: XmlElement | undefined): { code: string; message: string } {
  const error = childOf(root, 'Error')
  if (error !== undefined) {
    return { code: textOf(error, 'Code') ?? '', message: textOf(error, 'Message') ?? '' }
  }
  const messages = listOf(root, 'Messages').map(({ text }) => text)
  const message = textOf(root, 'Message') ?? textOf(root, 'message') ?? messages.join('; ')
  return { code: message === '' ? '' : (root?.name ?? ''), message }
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html, and those of the actions used here. */
const KINDS: Readonly<Record<string, DnsFailure['kind']>> = {
  Throttling: 'rate-limited',
  ThrottlingException: 'rate-limited',
  PriorRequestNotComplete: 'rate-limited',
  NoSuchHostedZone: 'no-zone',
  RequestExpired: 'unauthorized',
  ExpiredToken: 'unauthorized',
  SignatureDoesNotMatch: 'unauthorized',
  InvalidSignatureException: 'unauthorized',
  IncompleteSignature: 'unauthorized',
  InvalidClientTokenId: 'unauthorized',
  OptInRequired: 'unauthorized',
}

const CURES: Readonly<Record<string, string>> = {
  AccessDenied: 'the policy of this key does not allow it (docs/dns-route53.md has the least one)',
  InvalidClientTokenId:
    'there is no such access key, it is switched off, or it is a temporary one without its session token',
  ExpiredToken: 'the temporary credentials are over',
  SignatureDoesNotMatch: 'the secret access key does not belong to the access key id',
  Throttling: 'an account may ask five times a second, whoever asks',
  PriorRequestNotComplete: 'it takes one change of a zone at a time',
  NoSuchHostedZone: 'see the id of the zone under `zones` of the provider',
  NoSuchHealthCheck: 'see the ids under `healthChecks` of the record',
}

function kindOf(code: string, status: number): DnsFailure['kind'] {
  const known = KINDS[code]
  if (known !== undefined) return known
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 429) return 'rate-limited'
  return status >= 500 || status === 408 ? 'unavailable' : 'refused'
}
