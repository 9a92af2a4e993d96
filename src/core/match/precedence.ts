import type { Match } from '../../schema/match.ts'
import { narrownessOf, parseBlock } from './client.ts'
import type { PathShape } from './path.ts'

/** What precedence looks at: one match of a route, for one of its hosts. */
export interface Candidate {
  readonly priority: number
  /** Undefined: any host. */
  readonly host: string | undefined
  readonly path: PathShape
  readonly match: Match
}

/** One rule of precedence: the higher value goes first. */
export interface Criterion {
  /** Why the one goes before the other: "it has …". */
  readonly words: string
  valueOf(candidate: Candidate): number
}

/**
 * The total order, first rule first: a later one only parts what all earlier ones leave equal, and what they
 * all leave equal goes by route id, then by place in the route. From hosts to query parameters these are the
 * rules of HTTPRoute (Gateway API v1, `HTTPRouteRule.matches`). It has no path patterns but regular
 * expressions, whose place it leaves open. Here patterns stand among the prefixes, by the characters before
 * the first wildcard (of a prefix, all): what holds for `/admin/*` is not taken over by `/{tenant}/*`. The
 * rules on paths together put a pattern before every other that matches all it matches and more.
 */
export const CRITERIA: readonly Criterion[] = [
  { words: 'a higher priority', valueOf: ({ priority }) => priority },
  { words: 'an exact host', valueOf: ({ host }) => toNumber(isExactHost(host)) },
  { words: 'a longer host suffix', valueOf: ({ host }) => suffixLengthOf(host) },
  { words: 'an exact path', valueOf: ({ path }) => toNumber(path.exact) },
  { words: 'more of its path before the first wildcard', valueOf: ({ path }) => path.head },
  { words: 'more of its path spelled out', valueOf: ({ path }) => path.literals },
  { words: 'a path of fixed depth or end', valueOf: ({ path }) => path.closure },
  { words: 'a deeper path', valueOf: ({ path }) => path.segments },
  { words: 'fewer wildcards in its path', valueOf: ({ path }) => -path.wildcards },
  { words: 'the open part of its path later', valueOf: ({ path }) => path.fixed },
  { words: 'a condition on the method', valueOf: ({ match }) => toNumber(match.methods) },
  { words: 'more conditions on headers', valueOf: ({ match }) => countOf(match.headers) },
  { words: 'more conditions on query parameters', valueOf: ({ match }) => countOf(match.query) },
  { words: 'more conditions on cookies', valueOf: ({ match }) => countOf(match.cookies) },
  { words: 'a narrower condition on client addresses', valueOf: ({ match }) => clientsOf(match) },
  { words: 'a condition on the AS number', valueOf: ({ match }) => toNumber(match.asns) },
  { words: 'a condition on the region', valueOf: ({ match }) => toNumber(match.regions) },
  { words: 'a condition on the country', valueOf: ({ match }) => toNumber(match.countries) },
  { words: 'a condition on the continent', valueOf: ({ match }) => toNumber(match.continents) },
  { words: 'a condition on the user agent', valueOf: ({ match }) => toNumber(match.userAgent) },
  { words: 'a condition on the scheme', valueOf: ({ match }) => toNumber(match.scheme) },
]

/** Where something stands in the total order. */
export interface Standing {
  readonly route: string
  /** The place of the match in its route. */
  readonly match: number
  /** The values of `CRITERIA`. */
  readonly values: readonly number[]
}

/** The values of all rules for one candidate. */
export function weigh(candidate: Candidate): number[] {
  return CRITERIA.map((criterion) => criterion.valueOf(candidate))
}

/** Negative when `left` goes first. 0 only between the hosts of one match, which never both match. */
export function comparePrecedence(left: Standing, right: Standing): number {
  for (let at = 0; at < left.values.length; at += 1) {
    const difference = (right.values[at] ?? 0) - (left.values[at] ?? 0)
    if (difference !== 0) return difference
  }
  if (left.route !== right.route) return left.route < right.route ? -1 : 1
  return left.match - right.match
}

/** Why `first` goes before `second`, to follow the id of the first: "has a higher priority". */
export function whyFirst(first: Standing, second: Standing): string {
  const at = first.values.findIndex((value, index) => value !== second.values[index])
  const criterion = CRITERIA[at]
  return criterion ? `has ${criterion.words}` : 'comes first in the alphabet'
}

function isExactHost(host: string | undefined): boolean {
  return host !== undefined && !host.startsWith('*.')
}

function suffixLengthOf(host: string | undefined): number {
  return host === undefined || isExactHost(host) ? 0 : host.length
}

/** A match is as narrow as the broadest of its blocks; without any it is broader than `::/0`. */
function clientsOf({ clients }: Match): number {
  if (!clients) return -1
  return Math.min(...clients.map((client) => narrownessOf(parseBlock(client))))
}

function countOf(tests: Readonly<Record<string, unknown>> | undefined): number {
  return tests === undefined ? 0 : Object.keys(tests).length
}

function toNumber(given: unknown): number {
  return given === undefined || given === false ? 0 : 1
}
