import type { Match } from '../../schema/match.ts'
import type { Route } from '../../schema/route.ts'
import { type Condition, conditionsOf } from './condition.ts'
import { parsePath, type PathShape } from './path.ts'
import { comparePrecedence, type Standing, weigh } from './precedence.ts'

/** One match of a route for one of its hosts: the unit of precedence. */
export interface Entry extends Standing {
  /** Undefined: any host. */
  readonly host: string | undefined
  readonly path: PathShape
  /** What it asks besides host and path. */
  readonly conditions: readonly Condition[]
}

/** The entries of all enabled routes, in order of precedence. */
export function entriesOf(routes: Readonly<Record<string, Route>>): Entry[] {
  const entries: Entry[] = []
  for (const [id, route] of Object.entries(routes)) {
    if (!route.enabled) continue
    for (const [index, match] of route.match.entries()) {
      entries.push(...entriesOfMatch({ route: id, match: index }, match, route.priority))
    }
  }
  return entries.toSorted(comparePrecedence)
}

/** The ids of the routes of entries in order: a route stands where its first entry does. */
export function orderOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.map(({ route }) => route))]
}

function entriesOfMatch(
  place: { readonly route: string; readonly match: number },
  match: Match,
  priority: number,
): Entry[] {
  const path = parsePath(match.path)
  const conditions = conditionsOf(match)
  const hosts = match.hosts === undefined ? [undefined] : [...new Set(match.hosts)]
  return hosts.map((host) => {
    const values = weigh({ priority, host, path, match })
    return { ...place, host, path, conditions, values }
  })
}
