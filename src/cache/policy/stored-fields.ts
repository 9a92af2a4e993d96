import { tokensOf, valueOf } from './fields.ts'
import { formatHttpDate } from './http-date.ts'
import type { Fields } from './message.ts'
import { isTagField } from './tags.ts'

/**
 * Never stored (RFC 9111 §3.1): what is of one connection or one proxy, `Age`, which is counted anew, and tags, which are
 * kept beside. Targeted fields stay: caches behind this one may be meant, too (RFC 9213 §2), and a 304 need not repeat
 * them.
 */
const NOT_STORED = new Set([
  'age',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The fields of an answer that are stored: without those that it withholds, and with a `Date` (RFC 9110 §6.6.1). */
export function toStoredFields(
  fields: Fields,
  withheld: readonly string[],
  receivedAtMs: number,
): Fields {
  const dropped = new Set([...withheld, ...tokensOf(fields, 'connection')])
  const kept = fields.filter(
    ([name]) => !NOT_STORED.has(name) && !isTagField(name) && !dropped.has(name),
  )
  return kept.some(([name]) => name === 'date')
    ? kept
    : [...kept, ['date', formatHttpDate(receivedAtMs)]]
}

/** Fields of an update that are not taken over: they are about bytes that it does not bring (RFC 9111 §3.2). */
const NOT_UPDATED = new Set(['content-length', 'content-encoding', 'content-range'])

/**
 * Stored fields with newer ones over them (RFC 9111 §3.2). Names of `Vary` add up, so that a variant never comes to fit
 * more requests than it was made for; an entity tag that was weakened stays weak; `Date` is never older than the news.
 */
export function mergeFields(stored: Fields, news: Fields, receivedAtMs: number): Fields {
  const updates = news.filter(([name]) => !NOT_UPDATED.has(name))
  const replaced = new Set(updates.map(([name]) => name))
  const kept = stored.filter(([name]) => !replaced.has(name) && name !== 'date')
  const merged: Fields = [...kept, ...updates]
  const vary = new Set([...tokensOf(stored, 'vary'), ...tokensOf(news, 'vary')])
  const tag = valueOf(stored, 'etag')
  const keepsTag = tag?.startsWith('W/') === true
  return [
    ...merged.filter(([name]) => name !== 'vary' && !(keepsTag && name === 'etag')),
    ...(vary.size === 0 ? [] : [['vary', [...vary].join(', ')] as const]),
    ...(keepsTag ? [['etag', tag] as const] : []),
    ...(replaced.has('date') ? [] : [['date', formatHttpDate(receivedAtMs)] as const]),
  ]
}
