import { valueOf } from './fields.ts'
import { parseHttpDate } from './http-date.ts'
import type { CacheRequest } from './message.ts'
import type { Stored } from './stored.ts'
import { entityTagOf, isStrongDate, isStronglyEqual } from './validators.ts'

/** Which bytes of a stored body a client gets: 200, 206 (`end` is the last byte) or 416. */
export type Selection =
  | { readonly type: 'whole' }
  | { readonly type: 'part'; readonly start: number; readonly end: number; readonly size: number }
  | { readonly type: 'unsatisfiable'; readonly size: number }

const WHOLE: Selection = { type: 'whole' }

/**
 * What `Range` selects of a stored answer (RFC 9110 §14.2): one range of bytes. Several ranges, other units and what
 * cannot be read get the whole, as a server may. Reads `Range`, and where there is one `If-Range`.
 */
export function selectRange(stored: Stored, request: CacheRequest): Selection {
  const range = request.header('range')
  if (range === undefined || request.method !== 'GET' || stored.status !== 200) return WHOLE
  const size = stored.bodyBytes
  if (size === undefined || !isSameRepresentation(stored, request.header('if-range'))) return WHOLE
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(range.trim()) ?? []
  if (first === '') return last === '' ? WHOLE : lastBytes(Number(last), size)
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return WHOLE
  return start < size ? { type: 'part', start, end, size } : { type: 'unsatisfiable', size }
}

/** `Content-Range` of a 206 or a 416 (RFC 9110 §14.4). */
export function toContentRange(selection: Exclude<Selection, { type: 'whole' }>): string {
  if (selection.type === 'unsatisfiable') return `bytes */${selection.size}`
  return `bytes ${selection.start}-${selection.end}/${selection.size}`
}

function lastBytes(count: number, size: number): Selection {
  if (count === 0 || size === 0) return { type: 'unsatisfiable', size }
  return { type: 'part', start: Math.max(0, size - count), end: size - 1, size }
}

/** `If-Range` (RFC 9110 §13.1.5) compares strongly: bytes of one answer are never put to those of another. */
function isSameRepresentation(
  { fields, receivedAtMs }: Stored,
  condition: string | undefined,
): boolean {
  if (condition === undefined) return true
  const tag = entityTagOf(fields)
  if (condition.includes('"')) return tag !== undefined && isStronglyEqual(condition.trim(), tag)
  const modified = valueOf(fields, 'last-modified')
  const modifiedMs = modified === undefined ? undefined : parseHttpDate(modified, receivedAtMs)
  if (modifiedMs === undefined || !isStrongDate(modifiedMs, fields, receivedAtMs)) return false
  return parseHttpDate(condition, receivedAtMs) === modifiedMs
}
