import type * as z from 'zod'
import { compileMatches } from '../../../src/core/match/compile.ts'
import { RequestFacts } from '../../../src/schema/facts.ts'
import type { Match } from '../../../src/schema/match.ts'
import { Route } from '../../../src/schema/route.ts'

/** What a test says of a route; what happens to what it matches is of no interest here. */
export interface AuthoredRoute {
  readonly match?: z.input<typeof Match> | z.input<typeof Match>[]
  readonly priority?: number
  readonly enabled?: boolean
}

/** A request: a GET of `/` on `www.example.com` unless said otherwise. */
export type AuthoredFacts = Partial<z.input<typeof RequestFacts>>

/** Routes as the schema makes them. */
export function routesOf(
  authored: Readonly<Record<string, AuthoredRoute>>,
): Readonly<Record<string, Route>> {
  return Object.fromEntries(
    Object.entries(authored).map(([id, route]) => [id, Route.parse({ ...route, respond: {} })]),
  )
}

/** The facts of a request. */
export function requestOf(facts: AuthoredFacts = {}): RequestFacts {
  return RequestFacts.parse({ host: 'www.example.com', ...facts })
}

/** The id of the route that takes a request. */
export function takerOf(
  authored: Readonly<Record<string, AuthoredRoute>>,
  facts: AuthoredFacts = {},
): string | undefined {
  const { table, order } = compileMatches(routesOf(authored))
  const matched = table.find(requestOf(facts))
  return matched && order[matched.route]
}

/** Whether a request is what one match asks for. */
export function isMatched(match: z.input<typeof Match>, facts: AuthoredFacts = {}): boolean {
  return takerOf({ only: { match } }, facts) === 'only'
}
