import { parseIpv4, parseIpv6, toIpv6Text } from './dns-address.ts'
import { parseParameters } from './dns-service.ts'
import { parseQuoted, quoteBytes, toBytes, toPieces } from './dns-text.ts'
import type { RecordType } from './dns-record-set.ts'

/** A value in its one canonical text, or what is wrong with it: the rest of a sentence that begins with the value. */
export type ParsedDnsValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly error: string }

/**
 * Parses the value of one record as a zone file writes it. Of equal values the texts are equal: an address as RFC
 * 5952 writes it; names in lower case without the last dot; a TXT as quoted character-strings with `\"`, `\\` and
 * `\DDD`, none longer than 255 bytes (text that does not begin with a quote is taken literally, and quoted); the
 * parameters of HTTPS in the order of their numbers.
 */
export function parseDnsValue(type: RecordType, text: string): ParsedDnsValue {
  return PARSERS[type](type === 'TXT' ? text : text.trim())
}

/**
 * Values as a record set holds them: canonical, sorted, none twice. What cannot be parsed stays as it is: somebody
 * else wrote it, and it equals nothing that is wanted.
 */
export function toCanonicalValues(type: RecordType, texts: readonly string[]): string[] {
  const values = texts.map((text) => {
    const parsed = parseDnsValue(type, text)
    return parsed.ok ? parsed.value : text
  })
  // By code units, so that the order is the same on every machine.
  return [...new Set(values)].toSorted((one, other) => (one < other ? -1 : 1))
}

/** The type that a host name or an address is a value of. An IPv6 address may stand in brackets, as in a URL. */
export function typeOfHost(host: string): 'A' | 'AAAA' | 'CNAME' | undefined {
  if (parseIpv4(host)) return 'A'
  if (parseIpv6(host.replace(/^\[(?<address>.*)\]$/, '$<address>'))) return 'AAAA'
  return nameOf(host) === undefined ? undefined : 'CNAME'
}

const PARSERS: Readonly<Record<RecordType, (text: string) => ParsedDnsValue>> = {
  A: (text) => {
    const isOne = parseIpv4(text) !== undefined
    return isOne ? value(text) : wrong('is no IPv4 address, such as "192.0.2.1"')
  },
  AAAA: (text) => {
    const groups = parseIpv6(text)
    return groups ? value(toIpv6Text(groups)) : wrong('is no IPv6 address, such as "2001:db8::1"')
  },
  CNAME: (text) => {
    const name = nameOf(text)
    return name === undefined ? wrong(`is ${NO_NAME}`) : value(name)
  },
  SRV: parseSrv,
  TXT: parseTxt,
  HTTPS: parseHttps,
}

const NO_NAME = 'no whole host name, such as "www.example.com"'

const NAME = /^[a-z0-9_]([a-z0-9_-]{0,62})?(\.[a-z0-9_]([a-z0-9_-]{0,62})?)*$/

/** Lower case, without the last dot. A name whose last label is a number would be read as an address. */
function nameOf(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '')
  return NAME.test(name) && name.length <= 253 && !/(^|\.)\d+$/.test(name) ? name : undefined
}

function targetOf(text: string): string | undefined {
  return text === '.' ? text : nameOf(text)
}

/** RFC 2782: priority, weight, port, target; the target "." says that there is no such service. */
function parseSrv(text: string): ParsedDnsValue {
  const [priority = '', weight = '', port = '', host = '', ...more] = text.split(/\s+/)
  const numbers = [priority, weight, port].map(numberOf)
  const target = targetOf(host)
  if (numbers.includes(undefined) || target === undefined || more.length > 0) {
    return wrong('is no "priority weight port target", such as "10 5 5060 sip.example.com"')
  }
  return value([...numbers, target].join(' '))
}

function numberOf(text: string): number | undefined {
  const number = Number(text)
  return /^\d{1,5}$/.test(text) && number <= 65_535 ? number : undefined
}

function parseTxt(text: string): ParsedDnsValue {
  const isQuoted = text.trimStart().startsWith('"')
  const bytes = isQuoted ? undefined : toBytes(text)
  const strings = isQuoted ? parseQuoted(text.trim()) : bytes && [bytes]
  if (!strings) {
    return wrong(
      'is neither plain text nor a list of quoted strings, such as "\\"one\\" \\"two\\""',
    )
  }
  return value(strings.flatMap(toPieces).map(quoteBytes).join(' '))
}

/** RFC 9460: priority, target, parameters; priority 0 is an alias, and has none. */
function parseHttps(text: string): ParsedDnsValue {
  const [, number = '', host = '', rest = ''] = /^(\S+)\s+(\S+)(?:\s+(.*))?$/s.exec(text) ?? []
  const priority = numberOf(number)
  const target = targetOf(host)
  if (priority === undefined || target === undefined) {
    return wrong('is no "priority target parameters", such as "1 . alpn=h2,h3"')
  }
  const parameters = parseParameters(rest)
  if (!parameters.ok) return wrong(`is no HTTPS record: ${parameters.error}`)
  if (priority === 0 && parameters.text !== '') {
    return wrong('has priority 0, which makes an alias of it, and an alias has no parameters')
  }
  return value([priority, target, parameters.text].filter((part) => part !== '').join(' '))
}

function value(text: string): ParsedDnsValue {
  return { ok: true, value: text }
}

function wrong(error: string): ParsedDnsValue {
  return { ok: false, error }
}
