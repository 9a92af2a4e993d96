import type { RouteCache } from '../../schema/cache.ts'
import { valueOf } from './fields.ts'
import type { Exchange, JudgedHead, NotStored } from './judged.ts'
import type { Fields } from './message.ts'
import { mergeFields, toStoredFields } from './stored-fields.ts'
import { judgeStorage } from './storage.ts'
import type { Stored } from './stored.ts'
import { entityTagOf, isStronglyEqual, isValidatable, isWeaklyEqual } from './validators.ts'

/**
 * Whether a request that is not answered from the cache goes to the origin as it is, alone and unstored: its conditions
 * are the origin's to judge (RFC 9111 §4.3.2). Reads `If-Match`, `If-Unmodified-Since`.
 */
export function isForOriginAlone(request: Exchange['request']): boolean {
  return (
    request.header('if-match') !== undefined || request.header('if-unmodified-since') !== undefined
  )
}

/** The headers that ask an origin if what is stored still holds (RFC 9111 §4.3.1); none where nothing validates it. */
export function toConditional({ status, fields }: Pick<Stored, 'status' | 'fields'>): Fields {
  if (!isValidatable({ status, fields })) return []
  const tag = entityTagOf(fields)
  const modified = valueOf(fields, 'last-modified')
  return [
    ...(tag === undefined ? [] : [['if-none-match', tag] as const]),
    ...(modified === undefined ? [] : [['if-modified-since', modified] as const]),
  ]
}

/**
 * What came of asking: `refreshed`: the stored body holds under a new head; `spent`: it holds for this one client, and
 * is not to be kept (why); `other`: the news are of another answer, so that the origin has to be asked for the whole.
 */
export type Refreshed =
  | { readonly type: 'refreshed'; readonly head: JudgedHead; readonly keepMs: number }
  | { readonly type: 'spent'; readonly fields: Fields; readonly why: NotStored }
  | { readonly type: 'other' }

/**
 * A 304 to what `toConditional` asked of `stored` (RFC 9111 §4.3.4). `head.fields` are those of the stored answer with
 * the newer ones over them (§3.2), and the whole is judged anew.
 */
export function refresh(stored: Stored, exchange: Exchange, rules: RouteCache): Refreshed {
  if (!isOfSame(stored.fields, exchange.response.fields)) return OTHER
  const { receivedAtMs } = exchange.timing
  const fields = mergeFields(stored.fields, exchange.response.fields, receivedAtMs)
  const verdict = judgeStorage({ ...exchange, response: { status: stored.status, fields } }, rules)
  if (verdict.store) return { type: 'refreshed', head: verdict.head, keepMs: verdict.keepMs }
  return { type: 'spent', fields: toStoredFields(fields, [], receivedAtMs), why: verdict.why }
}

const OTHER: Refreshed = { type: 'other' }

/**
 * Whether a 304 is about this stored answer. Two strong entity tags have to be equal. Where the stored one is weak, weak
 * comparison is what the origin did, too: servers that compress tell the strong one in a 304.
 */
function isOfSame(stored: Fields, news: Fields): boolean {
  const tag = entityTagOf(stored)
  const newTag = entityTagOf(news)
  if (newTag !== undefined) {
    if (tag !== undefined) return isSameTag(tag, newTag)
    if (!newTag.startsWith('W/')) return false
  }
  const modified = valueOf(news, 'last-modified')
  const storedModified = valueOf(stored, 'last-modified')
  // Without a validator it can only be about the one answer that was asked about.
  return modified === undefined || storedModified === undefined || modified === storedModified
}

function isSameTag(one: string, other: string): boolean {
  const isWeak = one.startsWith('W/') || other.startsWith('W/')
  return isWeak ? isWeaklyEqual(one, other) : isStronglyEqual(one, other)
}
