import { valueOf } from './fields.ts'
import { parseHttpDate } from './http-date.ts'
import type { CacheRequest, Fields } from './message.ts'
import type { Stored } from './stored.ts'
import { entityTagOf, isWeaklyEqual } from './validators.ts'

/**
 * Whether a client has what is stored already (RFC 9110 §13.1.2, §13.1.3, RFC 9111 §4.3.2): then it gets 304. Reads
 * `If-None-Match`, and where there is none `If-Modified-Since`. `If-Match` and `If-Unmodified-Since` are no matter of a
 * cache.
 */
export function isNotModified(stored: Stored, request: CacheRequest): boolean {
  const tags = request.header('if-none-match')
  if (tags !== undefined) return stored.status === 200 && hasTag(tags, stored.fields)
  const since = request.header('if-modified-since')
  return since !== undefined && stored.status === 200 && isUnmodifiedSince(since, stored)
}

/**
 * The fields of a 304 (RFC 9110 §15.4.5): without what describes a body that does not come. `Last-Modified` stays only
 * where there is no entity tag.
 */
export function toNotModifiedFields(fields: Fields): Fields {
  const isTagged = valueOf(fields, 'etag') !== undefined
  return fields.filter(
    ([name]) => !DESCRIPTIVE.has(name) && !(isTagged && name === 'last-modified'),
  )
}

const DESCRIPTIVE = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
])

const TAGS = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** Commas may stand within a tag, so that the list is searched for tags and not split. */
function hasTag(list: string, fields: Fields): boolean {
  if (list.trim() === '*') return true
  const tag = entityTagOf(fields)
  return tag !== undefined && (list.match(TAGS) ?? []).some((each) => isWeaklyEqual(each, tag))
}

/** Without `Last-Modified`, `Date` stands for it, and then the moment it came (RFC 9111 §4.3.2). */
function isUnmodifiedSince(since: string, { fields, receivedAtMs }: Stored): boolean {
  const sinceMs = parseHttpDate(since, receivedAtMs)
  if (sinceMs === undefined) return false
  const value = valueOf(fields, 'last-modified') ?? valueOf(fields, 'date')
  const modifiedMs = value === undefined ? receivedAtMs : parseHttpDate(value, receivedAtMs)
  return modifiedMs !== undefined && modifiedMs <= sinceMs
}
