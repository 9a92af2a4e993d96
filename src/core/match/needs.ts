import type { Route } from '../../schema/route.ts'
import type { Needs } from '../snapshot.ts'

/** The header, cookie and query names that the matches of enabled routes ask for, each once, sorted. */
export function needsOf(routes: Readonly<Record<string, Route>>): Needs {
  const headers = new Set<string>()
  const cookies = new Set<string>()
  const query = new Set<string>()
  for (const route of Object.values(routes)) {
    if (!route.enabled) continue
    for (const match of route.match) {
      for (const name of Object.keys(match.headers ?? {})) headers.add(name)
      for (const name of Object.keys(match.cookies ?? {})) cookies.add(name)
      for (const name of Object.keys(match.query ?? {})) query.add(name)
      if (match.userAgent) headers.add('user-agent')
    }
  }
  return {
    headers: [...headers].toSorted(),
    cookies: [...cookies].toSorted(),
    query: [...query].toSorted(),
  }
}
