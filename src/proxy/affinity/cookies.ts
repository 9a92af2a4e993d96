/** Of more cookies by one name than that, which no browser sends in good faith, the rest is not looked at. */
const MOST = 4

/**
 * The values of a cookie as the `Cookie` header has them, most specific path first (RFC 6265 §5.4). Found by searching:
 * the header may be kilobytes, and all but one of its cookies are none of ours.
 */
export function findCookies(header: string, name: string): readonly string[] {
  const mark = `${name}=`
  let at = header.indexOf(mark)
  if (at === -1) return NONE
  const values: string[] = []
  while (at !== -1 && values.length < MOST) {
    const from = at + mark.length
    if (beginsCookie(header, at)) values.push(header.slice(from, endOf(header, from)).trimEnd())
    at = header.indexOf(mark, from)
  }
  return values
}

/** The `Cookie` header without the cookies of a name. */
export function withoutCookie(header: string, name: string): string {
  const mark = `${name}=`
  let rest = ''
  let from = 0
  let at = header.indexOf(mark)
  while (at !== -1) {
    let next = at + mark.length
    if (beginsCookie(header, at)) {
      rest += header.slice(from, at)
      next = endOf(header, next)
      if (next < header.length) next += 1
      while (header[next] === ' ') next += 1
      from = next
    }
    at = header.indexOf(mark, next)
  }
  return withoutEnd(rest + header.slice(from))
}

/** What separated the last cookie from one that is gone. */
function withoutEnd(rest: string): string {
  let end = rest.length
  while (rest[end - 1] === ' ') end -= 1
  const isSeparated = rest[end - 1] === ';' || (rest[end - 1] === ',' && end < rest.length)
  return rest.slice(0, isSeparated ? end - 1 : end)
}

const NONE: readonly string[] = []

/** Whether a name is one here, and not the end of another name or a part of a value. */
function beginsCookie(header: string, at: number): boolean {
  let before = at - 1
  while (header[before] === ' ') before -= 1
  // The runtime joins several `Cookie` lines with ", ", which no cookie value can contain.
  const isJoined = header[before] === ',' && before < at - 1
  return before < 0 || header[before] === ';' || isJoined
}

/** Where a value ends. Step by step: to search for what may not be there would cost the whole header for each value. */
function endOf(header: string, from: number): number {
  for (let at = from; at < header.length; at += 1) {
    const isJoined = header[at] === ',' && header[at + 1] === ' '
    if (header[at] === ';' || isJoined) return at
  }
  return header.length
}

/** How a cookie is set; see `schema/affinity.ts`. */
export interface CookieAttributes {
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly secure: 'auto' | 'always' | 'never'
  readonly httpOnly: boolean
  readonly domain?: string | undefined
  readonly path: string
}

/** A cookie to set. */
export interface Cookie {
  readonly name: string
  readonly value: string
  readonly maxAgeMs: number
}

const SAME_SITE = { lax: 'Lax', strict: 'Strict', none: 'None' } as const

/**
 * The value of `Set-Cookie` (RFC 6265bis §4.1). Browsers drop a cookie that says `SameSite=None` without `Secure`:
 * by plain http one for "none" is a lax one.
 */
export function toSetCookie(
  { name, value, maxAgeMs }: Cookie,
  { sameSite, secure, httpOnly, domain, path }: CookieAttributes,
  scheme: 'http' | 'https',
): string {
  const isSecure = secure === 'always' || (secure === 'auto' && scheme === 'https')
  const site = sameSite === 'none' && !isSecure ? 'lax' : sameSite
  return [
    `${name}=${value}`,
    `Path=${path}`,
    `Max-Age=${Math.max(1, Math.floor(maxAgeMs / 1000))}`,
    `SameSite=${SAME_SITE[site]}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(isSecure ? ['Secure'] : []),
    ...(httpOnly ? ['HttpOnly'] : []),
  ].join('; ')
}
