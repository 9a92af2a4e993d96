/** A cookie as it stands in a `Cookie` header: its name, and the whole of it. */
export interface CookiePair {
  readonly name: string
  readonly text: string
}

/**
 * The cookies of a header in their order. Several `Cookie` lines arrive joined by ", ", which no value can contain
 * (RFC 6265 §4.1.1). What has no name counts as a name without value, as origins read it (RFC 6265bis §5.6).
 */
export function toCookiePairs(header: string | undefined): readonly CookiePair[] {
  if (header === undefined || header === '') return []
  const pairs: CookiePair[] = []
  for (const part of header.split(/;|, /)) {
    const text = part.trim()
    if (text === '') continue
    const equals = text.indexOf('=')
    pairs.push({ name: equals === -1 ? text : text.slice(0, equals).trim(), text })
  }
  return pairs
}

/** Whether a request has cookies that are not among these: an answer to it may be about one client. */
export function hasCookiesBeside(header: string | undefined, names: readonly string[]): boolean {
  return toCookiePairs(header).some(({ name }) => !names.includes(name))
}
