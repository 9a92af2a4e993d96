import * as z from 'zod'
import { parseRetryAfter } from '../../src/outbound/retry-after.ts'
import type { ProviderSettings } from '../../src/schema/dns-provider.ts'
import type { ChangeResult, DnsFailure, RecordKey } from '../../src/schema/dns-record-set.ts'
import { askByHttp, type HttpAnswer, readHeaderSecret } from '../http.ts'
import { PowerdnsZone } from './rrset.ts'
import type { Asked } from '../provider.ts'

/** One zone in the HTTP API of PowerDNS (https://doc.powerdns.com/authoritative/http-api/zone.html). */
export interface PowerdnsApi {
  /** The zone with the record set of one key (of all of them, before version 4.6), or with all. */
  readZone(key?: RecordKey): Promise<Asked<PowerdnsZone>>
  /** Makes or removes one record set. */
  patch(rrset: object): Promise<ChangeResult>
}

const DETAIL_LIMIT = 1024

/** What an error says for itself. */
const ErrorBody = z.object({ error: z.string() })

/** The API for one zone. The secret is read anew on each call: one that was changed is used at once. */
export function createPowerdnsApi(
  settings: ProviderSettings<'powerdns'>,
  zone: string,
  bindings: object,
): PowerdnsApi {
  const place = `${settings.url}/api/v1/servers/${settings.server}/zones/${zone}.`
  const ask = async (method: string, query: string, body?: object): Promise<Asked<HttpAnswer>> => {
    const secret = readHeaderSecret(bindings, settings.key.secret)
    if (!secret.ok) return secret
    const headers = { 'X-API-Key': secret.value, Accept: 'application/json' }
    const question = { method, url: `${place}${query}`, headers }
    const asked = await askByHttp(
      { ...question, ...(body && { body: JSON.stringify(body) }) },
      settings.timeout,
      `PowerDNS at ${settings.url}`,
    )
    if (asked.ok && asked.value.status < 300) return asked
    const failure = asked.ok ? toFailure(asked.value, settings, zone) : asked.failure
    const detail = failure.detail.replaceAll(secret.value, '…').slice(0, DETAIL_LIMIT)
    return { ok: false, failure: { ...failure, detail } }
  }
  return {
    async readZone(key) {
      const asked = await ask('GET', key ? toQuery(key) : '')
      if (!asked.ok) return asked
      const read = parse(PowerdnsZone, asked.value.text)
      return read ? { ok: true, value: read } : garbled(`told nothing of the zone "${zone}"`)
    },
    async patch(rrset) {
      const asked = await ask('PATCH', '', { rrsets: [rrset] })
      if (asked.ok && asked.value.status === 204) return { outcome: 'done' }
      const { failure } = asked.ok ? garbled(`answered ${asked.value.status}, not 204`) : asked
      return { outcome: SURELY_NOT_WRITTEN.includes(failure.kind) ? 'failed' : 'unknown', failure }
    },
  }
}

/** What PowerDNS answers before it writes. Everything else may have come after. */
const SURELY_NOT_WRITTEN: readonly DnsFailure['kind'][] = [
  'no-secret',
  'unauthorized',
  'no-zone',
  'rate-limited',
  'refused',
]

function toQuery({ name, type }: RecordKey): string {
  return `?${new URLSearchParams({ rrset_name: `${name}.`, rrset_type: type }).toString()}`
}

function toFailure(
  { status, headers, text }: HttpAnswer,
  settings: ProviderSettings<'powerdns'>,
  zone: string,
): DnsFailure {
  const said = `(${status}${tellBody(text)})`
  if (status === 401 || status === 403) {
    const detail = `PowerDNS does not accept the API key in the secret "${settings.key.secret}" ${said}`
    return { kind: 'unauthorized', detail }
  }
  if (status === 404) {
    const where = `of the server "${settings.server}" at ${settings.url}`
    const detail = `there is no zone "${zone}" ${where}, or its API is off ${said}`
    return { kind: 'no-zone', detail }
  }
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(headers.get('Retry-After'), Date.now())
    const detail = `PowerDNS is asked too often ${said}`
    return { kind: 'rate-limited', detail, ...(retryAfterMs > 0 && { retryAfterMs }) }
  }
  if (status >= 500) return { kind: 'unavailable', detail: `PowerDNS failed ${said}` }
  return { kind: 'refused', detail: `PowerDNS declined ${said}` }
}

/** What an error says for itself; the page of some proxy says nothing to an operator. */
function tellBody(text: string): string {
  const body = parse(ErrorBody, text)
  return body ? `: ${body.error}` : ''
}

function parse<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function garbled(what: string) {
  return failed('garbled', `PowerDNS ${what}`)
}

function failed(kind: DnsFailure['kind'], detail: string) {
  return { ok: false, failure: { kind, detail } } as const
}
