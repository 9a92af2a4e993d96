import { parseIpv4, parseIpv6, toIpv6Text } from './dns-address.ts'
import { quoteBytes, unescapeText } from './dns-text.ts'

/** Service parameters by number (RFC 9460 §14.3.2, RFC 9461, RFC 9540). */
const NAMES = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
  'ohttp',
] as const
type Name = (typeof NAMES)[number]

/** From here on a parameter is bytes that mean nothing to us. */
const FIRST_OPAQUE = 7

/** What has no value at all. */
const BARE: readonly string[] = ['no-default-alpn', 'ohttp']

interface Parameter {
  readonly number: number
  readonly name: string
  readonly value: string | undefined
}

/** The canonical text of parameters, or what is wrong with them. */
export type ParsedParameters =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string }

/** Parses `alpn=h2,h3 port=8443` (RFC 9460 §2.1) and writes it in the order of the numbers, no value quoted without need. */
export function parseParameters(text: string): ParsedParameters {
  const words = text.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+/gsu) ?? []
  const parameters = words.map(parseParameter)
  const seen = new Map<number, Parameter>()
  for (const parameter of parameters) {
    if (typeof parameter === 'string') return { ok: false, error: parameter }
    if (seen.has(parameter.number)) return { ok: false, error: `"${parameter.name}" stands twice` }
    seen.set(parameter.number, parameter)
  }
  const error = findMissing(seen)
  if (error !== undefined) return { ok: false, error }
  const inOrder = [...seen.values()].toSorted((one, other) => one.number - other.number)
  return { ok: true, text: inOrder.map(toText).join(' ') }
}

function toText({ name, value }: Parameter): string {
  return value === undefined ? name : `${name}=${value}`
}

function parseParameter(word: string): Parameter | string {
  const at = word.indexOf('=')
  const key = (at < 0 ? word : word.slice(0, at)).toLowerCase()
  const number = numberOf(key)
  if (number === undefined) return `"${key}" is no parameter of a service`
  const name = NAMES[number] ?? `key${number}`
  if (key !== name && number < FIRST_OPAQUE) return `"${key}" is written "${name}"`
  const bytes = at < 0 ? undefined : bytesOf(word.slice(at + 1))
  if (at >= 0 && bytes === undefined) return `the value of "${name}" is garbled`
  // An empty value is none: on the wire they are the same.
  if (number >= FIRST_OPAQUE || BARE.includes(name)) {
    if (!bytes?.length) return { number, name, value: undefined }
    return BARE.includes(name) ? `"${name}" has no value` : { number, name, value: toValue(bytes) }
  }
  if (bytes === undefined) return `"${name}" needs a value`
  const value = READERS[name as Exclude<Name, 'no-default-alpn' | 'dohpath' | 'ohttp'>](
    String.fromCharCode(...bytes),
  )
  return value === undefined
    ? `the value of "${name}" is none that it takes`
    : { number, name, value }
}

function numberOf(key: string): number | undefined {
  const known = NAMES.findIndex((name) => name === key)
  if (known >= 0) return known
  const number = Number(
    /^key(?<number>0|[1-9]\d{0,4})$/.exec(key)?.groups?.['number'] ?? Number.NaN,
  )
  // 65535 is reserved as an invalid key (RFC 9460 §14.3.2).
  return number < 65_535 ? number : undefined
}

function bytesOf(value: string): readonly number[] | undefined {
  const isQuoted = value.startsWith('"') && value.endsWith('"') && value.length > 1
  const inside = isQuoted ? value.slice(1, -1) : value
  return !isQuoted && inside.includes('"') ? undefined : unescapeText(inside)
}

/** What a zone file could take for something else is quoted. */
function toValue(bytes: readonly number[]): string {
  const text = quoteBytes(bytes)
  return /^"[^\s"\\();]+"$/.test(text) ? text.slice(1, -1) : text
}

const READERS: Readonly<
  Record<
    Exclude<Name, 'no-default-alpn' | 'dohpath' | 'ohttp'>,
    (text: string) => string | undefined
  >
> = {
  mandatory: readMandatory,
  // An id of a protocol could hold a comma or a backslash; none that is registered does.
  alpn: (text) => listOf(text, (id) => (/^[!#-'*+\--:<-[\]-~]{1,255}$/.test(id) ? id : undefined)),
  port: (text) => (/^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? text : undefined),
  ipv4hint: (text) => listOf(text, (each) => parseIpv4(each) && each),
  ech: (text) =>
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) && text !== ''
      ? text
      : undefined,
  ipv6hint: (text) => listOf(text, readIpv6),
}

function listOf(text: string, read: (item: string) => string | undefined): string | undefined {
  const items = text.split(',').map(read)
  return items.includes(undefined) ? undefined : items.join(',')
}

function readIpv6(text: string): string | undefined {
  const groups = parseIpv6(text)
  return groups && toIpv6Text(groups)
}

/** In the order of the numbers, none twice, and not itself (RFC 9460 §8). */
function readMandatory(text: string): string | undefined {
  const numbers = text.toLowerCase().split(',').map(numberOf)
  const known = numbers.filter((number) => number !== undefined && number > 0)
  if (known.length < numbers.length || new Set(known).size < known.length) return undefined
  const inOrder = known.toSorted((one = 0, other = 0) => one - other)
  return inOrder.map((number = 0) => NAMES[number] ?? `key${number}`).join(',')
}

function findMissing(parameters: ReadonlyMap<number, Parameter>): string | undefined {
  const mandatory = parameters.get(0)?.value?.split(',') ?? []
  const missing = mandatory.find((name) => !parameters.has(numberOf(name) ?? -1))
  if (missing !== undefined) return `"${missing}" is mandatory and not there`
  const isAlone = parameters.has(2) && !parameters.has(1)
  return isAlone ? '"no-default-alpn" needs "alpn"' : undefined
}
