import { normaliseHost, normalisePath } from './match/normal.ts'
import { type Counting, parameterNameOf } from './parameter-name.ts'

/** The parts of a URL by which answers are purged. The scheme and the port make no difference to a cache. */
export interface UrlParts {
  readonly host: string
  readonly path: string
  /** Without its question mark. */
  readonly query: string
}

/** Takes apart a URL in the form that a URL parser gives it (`PurgeTarget` has no other). */
export function splitUrl(url: string): UrlParts {
  const [, authority = '', path = '/', query = ''] =
    /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(url) ?? []
  const host = authority.replace(/:\d*$/, '')
  return { host: normaliseHost(host.toLowerCase()), path: path === '' ? '/' : path, query }
}

/** A parameter in the form in which it is compared. */
export interface Parameter {
  /** Decoded. */
  readonly name: string
  readonly text: string
}

/** The parameters of a query; in no order, since an operator may type them in any. */
export function parametersOf(query: string): Parameter[] {
  const parameters: Parameter[] = []
  for (const written of query.replace(/^\?/, '').split('&')) {
    if (written === '') continue
    const equals = written.indexOf('=')
    const name = equals < 0 ? written : written.slice(0, equals)
    const value = equals < 0 ? '' : written.slice(equals + 1)
    parameters.push({
      name: parameterNameOf(written),
      text: `${normalPart(name)}=${normalPart(value)}`,
    })
  }
  return parameters.toSorted((left, right) => compare(left.text, right.text))
}

/**
 * Whether the query that an answer was kept under is what the key of its route makes of these parameters, whatever
 * their order: those that do not count are not in it.
 */
export function isQueryOf(
  kept: string,
  parameters: readonly Parameter[],
  counts: Counting,
): boolean {
  const counting = parameters.filter(({ name }) => counts(name))
  const texts = parametersOf(kept)
  return (
    texts.length === counting.length && texts.every(({ text }, at) => text === counting[at]?.text)
  )
}

/** A space may be written in two ways, every other character plain or encoded. */
function normalPart(text: string): string {
  return normalisePath(text.replaceAll('+', '%20'))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
