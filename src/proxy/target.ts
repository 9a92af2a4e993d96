import type { SteerDecision } from '../core/decision.ts'
import { belowPrefix } from '../core/match/below.ts'
import type { RequestUrl } from './request-url.ts'

/** Path and query for the origin: those of the request, unless the route rewrites the path. */
export function toTarget({ route: { route }, match }: SteerDecision, url: RequestUrl): string {
  const path = route.rewrite?.path
  if (path === undefined) return url.path + url.query
  if ('replaceFull' in path) return path.replaceFull + url.query
  const below = belowPrefix(route.match[match]?.path ?? '/*', url.path)
  return join(path.replacePrefix, below) + url.query
}

/** The slash between the two stands once. */
function join(prefix: string, below: string): string {
  return prefix.endsWith('/') && below !== '' ? prefix.slice(0, -1) + below : prefix + below
}
