/**
 * What of a path, as it was sent, lies below the prefix of a pattern that ends in `/*`: with its leading
 * slash, or empty. Counted in segments, since a prefix may be written in more than one way: below `/a/*`,
 * `/a/b` and `//%61/b` both leave `/b`.
 */
export function belowPrefix(pattern: string, path: string): string {
  let segments = pattern.split('/').filter((text) => text !== '').length - 1
  let at = 0
  while (segments > 0 && at < path.length) {
    while (path[at] === '/') at += 1
    while (at < path.length && path[at] !== '/') at += 1
    segments -= 1
  }
  return path.slice(at)
}
