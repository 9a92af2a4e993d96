import { impliedVary } from './armor.ts'
import { tokensOf } from './fields.ts'
import type { CacheRequest, Fields } from './message.ts'

/** More names than an answer of good faith varies by; beyond it an answer is not stored. */
const MOST_NAMES = 16

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** What this router writes itself for each client or request: who varies by it means one of them, and not all. */
const OF_ONE_CLIENT = new Set([
  'cf-connecting-ip',
  'cf-ray',
  'forwarded',
  'traceparent',
  'tracestate',
  'x-forwarded-for',
  'x-real-ip',
  'x-request-id',
])

/** What every key has. */
const IN_EVERY_KEY = new Set(['host', 'x-forwarded-host', 'x-forwarded-proto'])

/** Encodings that a variant is told apart by; others are like none. */
const ENCODINGS = ['br', 'gzip', 'zstd']

/**
 * The request headers that an answer varies by, sorted and without case; `undefined` for one that no other request may
 * have: `Vary: *` (RFC 9111 §4.1), what is no name, what is of one client, or too many. What an answer hangs on without a word counts, too.
 */
export function variantNamesOf(fields: Fields): readonly string[] | undefined {
  const all = [...tokensOf(fields, 'vary'), ...impliedVary(fields)]
  if (all.length === 0) return NONE
  const names = [...new Set(all)].filter((name) => !IN_EVERY_KEY.has(name)).toSorted()
  const isPlain = names.length <= MOST_NAMES && names.every(isSharedBy)
  return isPlain ? names : undefined
}

const NONE: readonly string[] = []

function isSharedBy(name: string): boolean {
  return name !== '*' && TOKEN.test(name) && !OF_ONE_CLIENT.has(name)
}

/**
 * The values of these request headers as one text: two requests with the same text get the same variant. Injective:
 * values that could differ in meaning never meet, and a missing header is none of any value. White space around commas
 * is no difference; `Accept-Encoding` counts as the set of what this cache tells apart.
 */
export function variantText(request: CacheRequest, vary: readonly string[]): string {
  if (vary.length === 0) return ''
  return JSON.stringify(vary.map((name) => [name, variantValue(name, request.header(name))]))
}

function variantValue(name: string, value: string | undefined): string | null {
  if (name === 'accept-encoding') return acceptedEncodings(value).join(',')
  if (value === undefined) return null
  // Within quotes white space is part of a value.
  if (value.includes('"')) return value.trim()
  return value
    .split(',')
    .map((member) => member.trim())
    .join(',')
}

/**
 * `Accept-Encoding` as an origin is told it, so that it answers a variant and not one client. Never empty: the platform
 * would say what it takes itself.
 */
export function toAcceptEncoding(value: string | undefined): string {
  return acceptedEncodings(value).join(', ') || 'identity'
}

/**
 * The encodings of `Accept-Encoding` (RFC 9110 §12.5.3) that this cache tells apart, in one order; `identity;q=0` among
 * them where a client refuses the plain form. A client that says nothing gets the plain form.
 */
export function acceptedEncodings(value: string | undefined): readonly string[] {
  if (value === undefined) return NONE
  const known = accepted.get(value)
  if (known !== undefined) return known
  const found = toAccepted(value)
  if (value.length > ACCEPTED.length) return found
  if (accepted.size >= ACCEPTED.most) accepted.clear()
  accepted.set(value, found)
  return found
}

/** Browsers say few different things, and nearly every hit asks. What somebody makes up fills no memory. */
const accepted = new Map<string, readonly string[]>()
const ACCEPTED = { most: 64, length: 128 } as const

function toAccepted(value: string): readonly string[] {
  const weights = new Map(value.toLowerCase().split(',').map(toWeight))
  const isAccepted = (coding: string) => (weights.get(coding) ?? weights.get('*') ?? 0) > 0
  const isRefused = (weights.get('identity') ?? weights.get('*') ?? 1) === 0
  const encodings = ENCODINGS.filter(isAccepted)
  return isRefused ? [...encodings, 'identity;q=0'] : encodings
}

/** A weight that cannot be read is none: the encoding is not taken. */
function toWeight(member: string): readonly [coding: string, weight: number] {
  const [name = '', ...parameters] = member.split(';').map((part) => part.trim())
  // Of old an equivalent (RFC 9110 §8.4.1.3).
  const coding = name === 'x-gzip' ? 'gzip' : name
  const q = parameters.find((parameter) => parameter.startsWith('q='))
  if (q === undefined) return [coding, 1]
  return [coding, /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0]
}
