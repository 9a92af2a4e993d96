import { OTHER_TAGS } from '../../core/purge.ts'
import { PURGE_LIMITS, TAG_TEXT } from '../../schema/cache-purge.ts'
import type { Fields } from './message.ts'

/** What names tags, and what parts them there: `Cache-Tag: a,b` (Cloudflare), `Surrogate-Key: a b` (Fastly). */
const SEPARATORS: Readonly<Record<string, RegExp>> = {
  'cache-tag': /[,\s]+/,
  'surrogate-key': /\s+/,
}

/** As many as a stored head has room for. */
const MOST_TAGS = 128

/**
 * The tags of an answer, each once, in lower case. Where there are more, or some that nobody could purge by (too long, not
 * ASCII), it bears `OTHER_TAGS` as well.
 */
export function tagsOf(fields: Fields): readonly string[] {
  const tags = new Set<string>()
  for (const [name, value] of fields) {
    const separator = separatorOf(name)
    if (separator === undefined) continue
    for (const tag of value.split(separator)) {
      if (tag === '') continue
      const isTag = tag.length <= PURGE_LIMITS.tag && TAG_TEXT.test(tag) && tags.size < MOST_TAGS
      tags.add(isTag ? tag.toLowerCase() : OTHER_TAGS)
    }
  }
  return [...tags]
}

/** Whether a field names tags: it is between the origin and its caches, and clients do not get it. */
export function isTagField(name: string): boolean {
  return separatorOf(name) !== undefined
}

function separatorOf(name: string): RegExp | undefined {
  return Object.hasOwn(SEPARATORS, name) ? SEPARATORS[name] : undefined
}
