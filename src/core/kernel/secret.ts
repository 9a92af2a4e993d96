const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
])

/**
 * Whether a header holds credentials by its definition (RFC 9110 §11, RFC 6265 §4.2), as every cookie may. Their
 * values are never shown: an explanation ends up in logs and tickets.
 */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name)
}
