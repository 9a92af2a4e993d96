import { AwsV4Signer } from 'aws4fetch'
import type { ProviderSettings } from '../../src/schema/dns-provider.ts'
import { WRITING_MS } from '../../src/state/dns/terms.ts'
import { askByHttp, readHeaderSecret } from '../http.ts'
import type { Asked } from '../provider.ts'
import { notDone, toAnswer, unclear, type Answer } from './answer.ts'
import { writeXml, type XmlElement } from './xml.ts'

/** One request: the path after the version, what is asked, and the body of a change. */
export interface Question {
  /** Begins the sentence when it fails: "listing the records of example.com". */
  readonly doing: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: XmlElement
}

/** Asks one question. Never throws; what it says has no secret in it. */
export type Ask = (question: Question) => Promise<Answer>

/** How patient we are with Route 53. */
export interface Patience {
  /** So many requests are made at once; then one for each distance. */
  readonly burst: number
  readonly spacingMs: number
  /** The time before the first look at a change that is on its way to all servers; later ones are up to three of it apart. */
  readonly pollMs: number
  /** No write begins later than that after its call, so that one that nobody waits for any more ends soon. */
  readonly writingMs: number
}

/**
 * An account may ask five times a second, and others ask, too.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests
 */
export const PATIENCE: Patience = { burst: 2, spacingMs: 250, pollMs: 1_000, writingMs: WRITING_MS }

const VERSION = '/2013-04-01'
const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/'

/** Route 53 is one service in each partition, and its requests are signed for one region there. */
const REGIONS: Readonly<Record<string, string>> = {
  'route53.amazonaws.com.cn': 'cn-northwest-1',
  'route53.us-gov.amazonaws.com': 'us-gov-west-1',
  'route53.amazonaws.eu': 'eusc-de-east-1',
}

/** Keeps requests apart: waits until the next may be made. */
export type Pace = () => Promise<void>

/** Lets a burst of requests through, and one more for each distance of time that has passed. */
export function startPace({ burst, spacingMs }: Patience): Pace {
  let dueMs = 0
  return async () => {
    const nowMs = Date.now()
    dueMs = Math.max(dueMs, nowMs) + spacingMs
    await wait(dueMs - nowMs - burst * spacingMs)
  }
}

/** A line to Route 53 for one call of a provider, with the secrets as they are now. */
export function openApi(settings: ProviderSettings<'route53'>, bindings: object, pace: Pace): Ask {
  const credentials = readCredentials(settings, bindings)
  if (!credentials.ok)
    return async ({ doing }) => notDone('no-secret', `${doing}: ${credentials.failure.detail}`)
  return async (question) => {
    await pace()
    const answer = await send(settings, credentials.value, question)
    return answer.ok ? answer : redact(answer, Object.values(credentials.value))
  }
}

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

function readCredentials(
  { accessKeyId, secretAccessKey, sessionToken }: ProviderSettings<'route53'>,
  bindings: object,
): Asked<Credentials> {
  const id = readHeaderSecret(bindings, accessKeyId.secret)
  const key = readHeaderSecret(bindings, secretAccessKey.secret)
  const token = sessionToken && readHeaderSecret(bindings, sessionToken.secret)
  if (!id.ok) return id
  if (!key.ok) return key
  const both = { accessKeyId: id.value, secretAccessKey: key.value }
  if (token === undefined) return { ok: true, value: both }
  return token.ok ? { ok: true, value: { ...both, sessionToken: token.value } } : token
}

/**
 * Only the signer of aws4fetch is used. Its client would try ten times by itself; here the zone's machine owns all
 * back-off, and shows it.
 */
async function send(
  { url, timeout }: ProviderSettings<'route53'>,
  credentials: Credentials,
  { doing, path, query = {}, body }: Question,
): Promise<Answer> {
  const asked = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const content = body === undefined ? {} : { body: toDocument(body) }
  const signer = new AwsV4Signer({
    url: `${url}${VERSION}${path}${asked.length > 0 ? `?${asked.join('&')}` : ''}`,
    headers: { 'content-type': 'text/xml', 'user-agent': 'Portolan' },
    ...content,
    ...credentials,
    service: 'route53',
    region: REGIONS[new URL(url).hostname] ?? 'us-east-1',
  })
  const { method, url: address, headers } = await signer.sign()
  const signed = { method, url: address.href, headers: Object.fromEntries(headers), ...content }
  const received = await askByHttp(signed, timeout, 'Route 53')
  if (received.ok) return toAnswer(received.value, doing)
  return unclear(received.failure.kind, `${doing}: ${received.failure.detail}`)
}

function toDocument(root: XmlElement): string {
  const xml = writeXml(root).replace(`<${root.name}>`, `<${root.name} xmlns="${NAMESPACE}">`)
  return `<?xml version="1.0" encoding="UTF-8"?>${xml}`
}

/** Lets time pass. */
export async function wait(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
}

/** AWS may say back what it was told: a refused signature comes with the text that it should have signed. */
function redact(answer: Extract<Answer, { ok: false }>, secrets: readonly string[]): Answer {
  const { failure } = answer
  const detail = secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), failure.detail)
  return { ...answer, failure: { ...failure, detail: detail.slice(0, 1024) } }
}
