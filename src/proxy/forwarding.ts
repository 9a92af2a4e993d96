import type { Settings } from '../schema/config.ts'
import type { RequestUrl } from './request-url.ts'

const X_FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'] as const

/**
 * What a client may claim about itself or the hops before it, in any dialect: an origin must not believe a
 * word of it. `X-Original-URL` and `X-Rewrite-URL` would lead some origins past the route to another path.
 */
const CLAIMS: readonly string[] = [
  'client-ip',
  // CGI origins would take it for the variable HTTP_PROXY (httpoxy, CVE-2016-5385).
  'proxy',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-forwarded-by',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-host',
  'x-original-forwarded-for',
  'x-original-host',
  'x-original-url',
  'x-rewrite-url',
  // Origins that know headers as environment variables (CGI, WSGI, PHP) do not tell "_" from "-".
  ...[...X_FORWARDED, 'x-real-ip'].flatMap(underscored),
]

/** A name with each of its hyphens written as an underscore or not, but for the name itself. */
function underscored(name: string): string[] {
  const [first = '', ...rest] = name.split('-')
  const spellings = rest.reduce(
    (so, part) => so.flatMap((each) => [`${each}-${part}`, `${each}_${part}`]),
    [first],
  )
  return spellings.filter((each) => each !== name)
}

/** What this router says itself (`settings.forwarding`). */
export interface Forwarding {
  readonly xForwarded: boolean
  readonly realIp: boolean
  readonly forwarded: boolean
  readonly trace: boolean
}

/** The setting, looked up once for a snapshot. */
export function toForwarding({ forwarding }: Settings): Forwarding {
  return {
    xForwarded: forwarding.includes('x-forwarded'),
    realIp: forwarding.includes('x-real-ip'),
    forwarded: forwarding.includes('forwarded'),
    trace: forwarding.includes('traceparent'),
  }
}

/** Where a request came from, as this router saw it. */
export interface Arrival {
  readonly url: RequestUrl
  /** The host that the origin is told: the client's, with its port, or that of a rewrite. */
  readonly host: string
  readonly ip: string | undefined
}

/** Says who the client is, which host and scheme it asked for, and removes what it claims itself. */
export function setForwarding(headers: Headers, arrival: Arrival, forwarding: Forwarding): void {
  const { url, host, ip } = arrival
  for (const name of CLAIMS) headers.delete(name)
  if (forwarding.xForwarded) {
    if (ip === undefined) headers.delete('x-forwarded-for')
    else headers.set('x-forwarded-for', ip)
    headers.set('x-forwarded-host', host)
    setOrDelete(headers, 'x-forwarded-proto', url.scheme)
  } else {
    for (const name of X_FORWARDED) headers.delete(name)
  }
  setOrDelete(headers, 'x-real-ip', forwarding.realIp ? ip : undefined)
  if (forwarding.forwarded) headers.set('forwarded', toForwarded(host, url.scheme, ip))
  else headers.delete('forwarded')
}

/** The edge may have set the same value before, and reading costs a third of setting. */
function setOrDelete(headers: Headers, name: string, value: string | undefined): void {
  if (value === undefined) headers.delete(name)
  else if (headers.get(name) !== value) headers.set(name, value)
}

/** The element that one hop adds (RFC 7239 §4). An IPv6 address stands in brackets and quotes (§6). */
export function toForwarded(host: string, scheme: string, ip: string | undefined): string {
  const node = ip === undefined ? 'unknown' : ip.includes(':') ? `"[${ip}]"` : ip
  // A port or an IPv6 literal makes the host no token (RFC 9110 §5.6.2).
  const value = /^[a-z0-9.-]+$/i.test(host) ? host : `"${host.replaceAll(/["\\]/g, '\\$&')}"`
  return `for=${node};host=${value};proto=${scheme}`
}

/** The `Via` of the message sent on (RFC 9110 §7.6.3). */
export function toVia(before: string | null, name: string): string {
  return before === null ? `1.1 ${name}` : `${before}, 1.1 ${name}`
}

/** Whether a request has passed a router of this name before: it would go round for ever. */
export function isLoop(via: string | null, name: string): boolean {
  if (via?.includes(name) !== true) return false
  return via.split(',').some((hop) => hop.trim().split(/\s+/)[1] === name)
}
