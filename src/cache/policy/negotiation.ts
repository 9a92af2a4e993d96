import { parseDirectives } from './cache-control.ts'
import { tokensOf, valueOf, valuesOf } from './fields.ts'
import type { CacheRequest, CacheResponse, Fields } from './message.ts'
import { acceptedEncodings } from './selection.ts'
import { TARGETED_FIELDS } from './targeted.ts'

/** An answer as a route with `compress` gives it: its fields, and whether its body has to be made so. */
export interface Negotiated {
  readonly fields: Fields
  readonly encodes: boolean
}

/** Less than that gains nothing: the frame of gzip and a packet on the way outweigh it. */
const LEAST_BYTES = 1024

const TEXT =
  /^(?:text\/|(?:application|image)\/(?:[\w.-]+\+)?(?:json|xml)$|application\/(?:x-)?(?:java|ecma)script$|application\/(?:wasm|rtf|x-ndjson|vnd\.ms-fontobject)$|font\/(?:ttf|otf)$|image\/(?:bmp|x-icon|vnd\.microsoft\.icon)$)/

/** What binds an answer to its bytes: their encoding, their place in a whole, digests of them (RFC 9530, RFC 1864). */
const BINDING: readonly string[] = [
  'content-encoding',
  'content-range',
  'content-digest',
  'repr-digest',
  'digest',
  'content-md5',
]

/**
 * An answer with its encoding negotiated (RFC 9110 §12.1), which its origin has not done; `undefined` where it has, where
 * it forbids that (`no-transform`), and where nothing is gained. Compressed it is another representation: it has no
 * strong entity tag of the plain one (§8.8.1), another length, and both say what they hang on.
 */
export function negotiate(response: CacheResponse, request: CacheRequest): Negotiated | undefined {
  if (!isCompressible(response) || isFixedBy(valuesIn(request, 'cache-control'))) return undefined
  const { fields } = response
  const vary = tokensOf(fields, 'vary')
  const isToldSo = vary.includes('accept-encoding') || vary.includes('*')
  const varied: Fields = isToldSo ? fields : [...fields, ['vary', 'Accept-Encoding']]
  const accepted = acceptedEncodings(request.header('accept-encoding'))
  if (!accepted.includes('gzip')) return { fields: varied, encodes: false }
  return { fields: toEncoded(varied), encodes: true }
}

function valuesIn(request: CacheRequest, name: string): readonly string[] {
  const value = request.header(name)
  return value === undefined ? [] : [value]
}

function isCompressible({ status, fields }: CacheResponse): boolean {
  const isBodiless = status < 200 || status === 204 || status === 205 || status === 304
  if (isBodiless || status === 206) return false
  const isBound = BINDING.some((name) => valueOf(fields, name) !== undefined)
  const told = ['cache-control', ...TARGETED_FIELDS].flatMap((name) => valuesOf(fields, name))
  return !isBound && !isSmall(fields) && isText(fields) && !isFixedBy(told)
}

/** RFC 9111 §5.2.1.6 and §5.2.2.6; whichever cache it was said to. */
function isFixedBy(lines: readonly string[]): boolean {
  return parseDirectives(lines).some(([name]) => name === 'no-transform')
}

/** What is of unknown length counts as large. */
function isSmall(fields: Fields): boolean {
  const length = valueOf(fields, 'content-length')
  return length !== undefined && !(Number(length) >= LEAST_BYTES)
}

/** A stream of events goes out piece by piece, and compressing would hold it back. */
function isText(fields: Fields): boolean {
  const type = (valueOf(fields, 'content-type') ?? '').split(';', 1)[0] ?? ''
  const name = type.trim().toLowerCase()
  return TEXT.test(name) && name !== 'text/event-stream'
}

function toEncoded(fields: Fields): Fields {
  const kept = fields.flatMap(([name, value]): Fields => {
    if (name === 'content-length' || name === 'accept-ranges') return []
    if (name === 'etag' && value.startsWith('"')) return [[name, `W/${value}`]]
    return [[name, value]]
  })
  return [...kept, ['content-encoding', 'gzip']]
}
