import { isInnerList, parseDictionary, type BareItem, type Dictionary } from 'structured-headers'
import {
  parseDirectives,
  toResponseDirectives,
  type Directive,
  type ResponseDirectives,
} from './cache-control.ts'
import { valuesOf } from './fields.ts'
import type { Fields } from './message.ts'

/** The fields that are meant for this cache (RFC 9213 §2.2), the nearer one first. */
export const TARGETED_FIELDS = ['portolan-cache-control', 'cdn-cache-control'] as const

/** What an answer tells this cache, and whether a targeted field says it. */
export interface Said {
  readonly directives: ResponseDirectives
  /** Then `Cache-Control` and `Expires` say nothing here (RFC 9213 §2.2). */
  readonly isTargeted: boolean
}

/**
 * What an answer tells this cache: the first of the targeted fields that has a valid value, else `Cache-Control`.
 * A targeted field that is empty or no dictionary (RFC 9651) counts as missing.
 */
export function saidOf(fields: Fields): Said {
  for (const name of TARGETED_FIELDS) {
    const lines = valuesOf(fields, name)
    const directives = lines.length === 0 ? undefined : parseTargeted(lines.join(', '))
    if (directives) return { directives: toResponseDirectives(directives), isTargeted: true }
  }
  const directives = parseDirectives(valuesOf(fields, 'cache-control'))
  return { directives: toResponseDirectives(directives), isTargeted: false }
}

function parseTargeted(text: string): readonly Directive[] | undefined {
  const dictionary = parseField(text)
  if (dictionary === undefined || dictionary.size === 0) return undefined
  return [...dictionary].flatMap(([name, member]) => {
    // A list of fields is one string; a list of several items is no argument of any directive.
    if (isInnerList(member)) return [[name, '']] as const
    return toDirective(name, member[0])
  })
}

function parseField(text: string): Dictionary | undefined {
  try {
    return parseDictionary(text)
  } catch {
    // The parser tells a mistake by throwing: the field is ignored (RFC 9213 §2.1).
    return undefined
  }
}

/** Directives whose value is a whole number. */
const TIMES = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'])

/**
 * `?0` says that a directive is not there. A value of another type than the directive has is not made one that fits
 * (RFC 9213 §2.1): a time is then 0, a list of fields none, so that the stricter meaning holds.
 */
function toDirective(name: string, value: BareItem): readonly Directive[] {
  if (value === false) return []
  if (value === true) return [[name, undefined]]
  if (TIMES.has(name)) return [[name, typeof value === 'number' ? String(value) : '']]
  return [[name, typeof value === 'string' ? value : '']]
}
