import type { RequestFacts } from '../../schema/facts.ts'

/** A route that matches: its place in the order of precedence, and which of its matches it was. */
export interface Matched {
  readonly route: number
  readonly match: number
}

/** Finds the route of a request; cost flat in the number of routes. */
export interface MatchTable {
  find(facts: RequestFacts): Matched | undefined
}
