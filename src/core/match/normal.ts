const PERCENT = 0x25
const SLASH = 0x2f

/**
 * The form in which paths are compared; the origin still gets the path as it was sent. Runs of slashes
 * count as one, and `%xx` counts as the visible ASCII character it stands for, except `%2F` and `%25`:
 * the only delimiter that matching knows is the slash. What stays encoded has its hex digits in upper
 * case (RFC 3986 §6.2.2). Decoded once only: `%2561` is not `a`.
 */
export function normalisePath(path: string): string {
  let normal = path
  if (normal.includes('%')) normal = normal.replace(/%[0-9a-fA-F]{2}/g, decode)
  if (normal.includes('//')) normal = normal.replace(/\/{2,}/g, '/')
  return normal
}

function decode(escape: string): string {
  const code = Number.parseInt(escape.slice(1), 16)
  const isVisible = code > 0x20 && code < 0x7f
  return isVisible && code !== PERCENT && code !== SLASH
    ? String.fromCharCode(code)
    : escape.toUpperCase()
}

/** The segments of a path in normal form. A trailing slash is a last, empty segment: `/` is `['']`. */
export function segmentsOf(path: string): string[] {
  return splitNormal(normalisePath(path))
}

function splitNormal(normal: string): string[] {
  const segments = normal.split('/')
  segments.shift()
  return segments
}

/** What some origins take for a slash, or for the end of a segment, in a path in normal form. */
const AMBIGUOUS = /%2F|[\\;]/

/** How an origin may open what is ambiguous: each on its own or with those before it. */
const OPENINGS: readonly ((path: string) => string)[] = [
  // nginx, PHP and Go decode an escaped slash; IIS takes a backslash for one; Java cuts parameters off.
  (path) => path.replaceAll('%2F', '/'),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replaceAll(/;[^/]*/g, ''),
]

/**
 * The ways in which an origin may read a path, each as segments: as it stands, and for every mixture of
 * the above with the dot segments resolved that it uncovers. At most eight, and one for nearly every path. A
 * route that matches any of them takes its place among all: a guard on `/admin/*` holds for `/admin%2Fx`
 * too, and a route that means the encoded slash still gets it.
 */
export function readingsOf(path: string): readonly (readonly string[])[] {
  const normal = normalisePath(path)
  if (!AMBIGUOUS.test(normal)) return [splitNormal(normal)]
  const opened = OPENINGS.reduce((paths, open) => [...paths, ...paths.map(open)], [normal])
  const [, ...others] = new Set(opened)
  return [splitNormal(normal), ...others.map(resolveDots)]
}

function resolveDots(path: string): string[] {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '.' && segment !== '') segments.push(segment)
  }
  // What ends in a slash or a dot segment has a last, empty segment.
  if (/(?:^|\/)\.{0,2}$/.test(path)) segments.push('')
  return segments
}

/** Longer than any name of a configuration (RFC 1035 §2.3.4). */
const HOST_LENGTH = 253

/**
 * A host as it is compared: the dot that may end a fully qualified name makes no difference (RFC 1034
 * §3.1). What is too long for a name becomes empty, which only routes for any host match.
 */
export function normaliseHost(host: string): string {
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  return name.length > HOST_LENGTH ? '' : name
}
