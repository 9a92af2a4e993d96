import { invalidate } from '../../cache/invalidations.ts'
import { invalidatedReferences } from '../../cache/policy/invalidation.ts'
import type { Unsafe } from '../../cache/policy/key.ts'
import type { PassingVisit } from './visit.ts'

/**
 * What an unsafe request may have changed is asked about before it is given out again (RFC 9111 §4.4): its own URI, and
 * those of the same scheme, host and port that the answer points to.
 */
export function noteChange(
  { engine, arrived }: PassingVisit,
  { url }: Unsafe,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
): void {
  const named = ['location', 'content-location'].flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const references = invalidatedReferences(arrived.method, { status, fields: named })
  if (references === undefined) return
  const nowMs = Date.now()
  invalidate(engine.invalidations, url, nowMs)
  const base = `${url.scheme}://${url.authority}${url.path}${url.query}`
  for (const reference of references) {
    const referred = URL.parse(reference, base)
    if (referred === null || referred.origin !== URL.parse(base)?.origin) continue
    const { pathname: path, search: query } = referred
    invalidate(engine.invalidations, { host: url.host, path, query }, nowMs)
  }
}
