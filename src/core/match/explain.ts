import type { RequestFacts } from '../../schema/facts.ts'
import type { Match } from '../../schema/match.ts'
import type { Route } from '../../schema/route.ts'
import { conditionsOf, hostCondition, pathCondition } from './condition.ts'
import { type Entry, entriesOf, orderOf } from './entry.ts'
import { parsePath } from './path.ts'
import { whyFirst } from './precedence.ts'

/** What became of one route. */
export interface MatchExplanation {
  readonly route: string
  /** `shadowed`: it would match, but an earlier one took the request. */
  readonly verdict: 'matched' | 'shadowed' | 'unmet'
  readonly words: string
}

/** Tells of every enabled route, in order of precedence, whether it matches and why not. */
export function explainMatches(
  routes: Readonly<Record<string, Route>>,
  facts: RequestFacts,
): MatchExplanation[] {
  const entries = entriesOf(routes)
  const holding = entries.filter((entry) => isMet(entry, facts))
  const winner = holding[0]
  const firstHolding = new Map<string, Entry>()
  for (const entry of holding) {
    if (!firstHolding.has(entry.route)) firstHolding.set(entry.route, entry)
  }
  return orderOf(entries).map((route) => {
    const entry = firstHolding.get(route)
    const matches = routes[route]?.match ?? []
    if (!entry || !winner) return { route, verdict: 'unmet', words: unmetWords(matches, facts) }
    if (entry === winner) return { route, verdict: 'matched', words: metWords(entry, matches) }
    const words = `would match, but ${winner.route} goes first: it ${whyFirst(winner, entry)}`
    return { route, verdict: 'shadowed', words }
  })
}

function isMet({ host, path, conditions }: Entry, facts: RequestFacts): boolean {
  return (
    (host === undefined || hostCondition([host]).holds(facts)) &&
    pathCondition(path).holds(facts) &&
    conditions.every((condition) => condition.holds(facts))
  )
}

function metWords({ match }: Entry, matches: readonly Match[]): string {
  const all = 'every condition holds'
  return matches.length === 1 ? all : `match ${match + 1} of ${matches.length}: ${all}`
}

function unmetWords(matches: readonly Match[], facts: RequestFacts): string {
  const words = matches.map((match) => reasonsOf(match, facts).join(', and '))
  return words.length === 1
    ? words.join('')
    : words.map((reasons, index) => `match ${index + 1}: ${reasons}`).join('; ')
}

function reasonsOf(match: Match, facts: RequestFacts): string[] {
  const conditions = conditionsOf(match)
  if (match.path !== undefined) conditions.unshift(pathCondition(parsePath(match.path)))
  if (match.hosts !== undefined) conditions.unshift(hostCondition(match.hosts))
  return conditions
    .filter((condition) => !condition.holds(facts))
    .map((condition) => condition.unmet(facts))
}
