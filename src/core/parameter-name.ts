import type { CacheKey } from '../schema/cache-key.ts'
import { compileNames, isNamed } from './name-pattern.ts'

/** Whether parameters of a name are part of a key. */
export type Counting = (name: string) => boolean

/** Each is part of the key. */
export const allCount: Counting = () => true

/** Makes the setting of a key ready. */
export function compileCounting(query: CacheKey['query']): Counting {
  if (query === 'all') return allCount
  if (query === 'none') return noneCounts
  const isKept = 'include' in query
  const names = compileNames(isKept ? query.include : query.exclude)
  return (name) => isNamed(names, name) === isKept
}

const noneCounts: Counting = () => false

/**
 * The name of a parameter of a query as an origin reads it; the parameter itself stays as it was sent. `;` separates
 * nothing: what an origin makes of it is part of the parameter.
 */
export function parameterNameOf(parameter: string): string {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? parameter : parameter.slice(0, equals)
  return /[%+]/.test(name) ? decode(name) : name
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    // Not UTF-8: it can only be meant as it stands.
    return name
  }
}
