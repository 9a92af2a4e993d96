import type { Bond } from '../src/schema/bond.ts'
import { duration } from '../src/schema/duration.ts'
import { RequestFacts } from '../src/schema/facts.ts'

/** The options that make up a request and its client, for `parseArgs`. */
export const FACT_OPTIONS = {
  url: { type: 'string' },
  method: { type: 'string' },
  header: { type: 'string', multiple: true },
  ip: { type: 'string' },
  asn: { type: 'string' },
  country: { type: 'string' },
  region: { type: 'string' },
  continent: { type: 'string' },
  city: { type: 'string' },
  lat: { type: 'string' },
  lon: { type: 'string' },
  random: { type: 'string' },
  bond: { type: 'string' },
  'bound-ago': { type: 'string' },
  wrote: { type: 'boolean' },
} as const

type Single = Exclude<keyof typeof FACT_OPTIONS, 'header' | 'wrote'>

/** What was given for the options. */
export type FactValues = { readonly [Name in Single]?: string | undefined } & {
  readonly header?: readonly string[] | undefined
  readonly wrote?: boolean | undefined
}

/** The facts of the request that the options describe, or what is wrong with them. */
export type ParsedFacts =
  | { readonly ok: true; readonly facts: RequestFacts }
  | { readonly ok: false; readonly error: string }

/** Reads the options as facts. Unlike at the edge, all of the request is read, not only what is asked for. */
export function toFacts(values: FactValues): ParsedFacts {
  if (values.url === undefined || !URL.canParse(values.url)) {
    return { ok: false, error: '--url takes an absolute URL, such as https://www.example.com/path' }
  }
  const url = new URL(values.url)
  const headers = new Headers()
  for (const header of values.header ?? []) {
    const { name, value } = /^(?<name>[\w!#$%&'*+.^`|~-]+):(?<value>.*)$/.exec(header)?.groups ?? {}
    if (name === undefined)
      return { ok: false, error: `--header takes "name: value", not "${header}"` }
    headers.append(name, value?.trim() ?? '')
  }
  const nowMs = Date.now()
  const bond = toBond(values, nowMs)
  if (!bond.ok) return bond
  const parsed = RequestFacts.safeParse({
    method: values.method?.toUpperCase(),
    scheme: url.protocol.slice(0, -1),
    host: url.hostname,
    path: url.pathname,
    headers: Object.fromEntries(headers),
    cookies: readCookies(headers.get('cookie') ?? ''),
    query: readQuery(url.searchParams),
    client: toClient(values),
    ...bond.facts,
    // However short the route keeps who wrote, the moment after is in it.
    ...(values.wrote === true && { wroteUntilMs: nowMs + 1 }),
    nowMs,
    random: toNumber(values.random),
  })
  if (parsed.success) return { ok: true, facts: parsed.data }
  const [issue] = parsed.error.issues
  return { ok: false, error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }
}

type ParsedBond =
  | { readonly ok: true; readonly facts: { readonly bond?: Bond } }
  | { readonly ok: false; readonly error: string }

function toBond({ bond: origin, 'bound-ago': ago }: FactValues, nowMs: number): ParsedBond {
  if (origin === undefined) {
    return ago === undefined
      ? { ok: true, facts: {} }
      : { ok: false, error: '--bound-ago says when a client was bound to the origin of --bond' }
  }
  const age = BoundAgo.safeParse(ago ?? '1m')
  if (!age.success) return { ok: false, error: `--bound-ago takes a time like 90s, not "${ago}"` }
  return { ok: true, facts: { bond: { origin, boundAtMs: nowMs - age.data } } }
}

const BoundAgo = duration({ min: '0s', max: '7d' })

function toClient({ ip, asn, country, region, continent, city, lat, lon }: FactValues) {
  const isPlaced = lat !== undefined || lon !== undefined
  const location = { latitude: toNumber(lat), longitude: toNumber(lon) }
  const given = { ip, asn: toNumber(asn), country, region, continent, city }
  return { ...given, ...(isPlaced && { location }) }
}

/** What is no number stays as it was typed: the schema says what is wrong with it. */
function toNumber(text: string | undefined): number | string | undefined {
  return text === undefined || text.trim() === '' || Number.isNaN(Number(text))
    ? text
    : Number(text)
}

/** The first of a name counts, as at the edge (RFC 6265 §5.4). */
function readCookies(header: string): Record<string, string> {
  const cookies: Record<string, string> = {}
  for (const pair of header.split(';').toReversed()) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const value = pair.slice(equals + 1).trim()
    cookies[pair.slice(0, equals).trim()] = value.replace(/^"(.*)"$/, '$1')
  }
  return cookies
}

/** The first of a name counts, as at the edge. */
function readQuery(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...parameters].toReversed())
}
