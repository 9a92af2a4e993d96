import type { ClientFacts, RequestFacts } from '../../schema/facts.ts'
import type { Match, Test } from '../../schema/match.ts'
import { parseAddress } from '../kernel/address.ts'
import { isSecretHeader } from '../kernel/secret.ts'
import { isInBlock, parseBlock } from './client.ts'
import { matchesParts, type PathShape } from './path.ts'
import { normaliseHost, readingsOf } from './normal.ts'
import { either, quote } from './words.ts'

/** One thing that a match asks of a request. */
export interface Condition {
  holds(facts: RequestFacts): boolean
  /** Why it does not hold; only asked when it does not. */
  unmet(facts: RequestFacts): string
}

/** What a match asks besides host and path, cheapest first. The index answers those two. */
export function conditionsOf(match: Match): Condition[] {
  const conditions: Condition[] = []
  if (match.scheme) conditions.push(schemeCondition(match.scheme))
  if (match.methods) conditions.push(methodCondition(match.methods))
  for (const kind of ['headers', 'query', 'cookies'] as const) {
    for (const [name, test] of Object.entries(match[kind] ?? {})) {
      conditions.push(valueCondition(kind, name, test))
    }
  }
  if (match.asns) conditions.push(placeCondition('asn', match.asns))
  if (match.regions) conditions.push(placeCondition('region', match.regions))
  if (match.countries) conditions.push(placeCondition('country', match.countries))
  if (match.continents) conditions.push(placeCondition('continent', match.continents))
  if (match.userAgent) conditions.push(userAgentCondition(match.userAgent))
  if (match.clients) conditions.push(clientCondition(match.clients))
  return conditions
}

/** That the host is one of those named, or below one of those named with `*.`. */
export function hostCondition(hosts: readonly string[]): Condition {
  return {
    holds: ({ host }) => hosts.some((wanted) => matchesHost(wanted, normaliseHost(host))),
    unmet: ({ host }) => `host is ${host}, not ${either(hosts)}`,
  }
}

/** That the path is what the pattern stands for. */
export function pathCondition(shape: PathShape): Condition {
  return {
    holds: ({ path }) =>
      readingsOf(path).some((segments) => matchesParts(shape.parts, segments, 0)),
    unmet: ({ path }) => `path is ${quote(path)}, not ${shape.source}`,
  }
}

function matchesHost(wanted: string, host: string): boolean {
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : wanted === host
}

function schemeCondition(wanted: 'http' | 'https'): Condition {
  return {
    holds: ({ scheme }) => scheme === wanted,
    unmet: ({ scheme }) => `scheme is ${scheme}, not ${wanted}`,
  }
}

function methodCondition(methods: readonly string[]): Condition {
  const wanted = new Set(methods)
  return {
    holds: ({ method }) => wanted.has(method),
    unmet: ({ method }) => `method is ${method}, not ${either(methods)}`,
  }
}

const VALUE_WORDS = { headers: 'header', cookies: 'cookie', query: 'query parameter' } as const

function valueCondition(kind: keyof typeof VALUE_WORDS, name: string, test: Test): Condition {
  const { holds, words } = compileTest(test)
  // The names are the client's and the operator's: `constructor` must not find what objects inherit.
  const valueOf = (facts: RequestFacts) =>
    Object.hasOwn(facts[kind], name) ? facts[kind][name] : undefined
  const isSecret = kind === 'cookies' || (kind === 'headers' && isSecretHeader(name))
  return {
    holds: (facts) => holds(valueOf(facts)),
    unmet: (facts) => {
      const value = valueOf(facts)
      const is = value === undefined ? 'absent' : isSecret ? 'present' : quote(value)
      return `${VALUE_WORDS[kind]} ${name} is ${is}, not ${words}`
    },
  }
}

interface CompiledTest {
  readonly holds: (value: string | undefined) => boolean
  readonly words: string
}

function compileTest(test: Test): CompiledTest {
  if (typeof test === 'string') return { holds: (value) => value === test, words: quote(test) }
  if ('present' in test) {
    const { present } = test
    return {
      holds: (value) => (value !== undefined) === present,
      words: present ? 'present' : 'absent',
    }
  }
  if ('prefix' in test) {
    const { prefix } = test
    return {
      holds: (value) => value?.startsWith(prefix) === true,
      words: `starting with ${quote(prefix)}`,
    }
  }
  if ('contains' in test) {
    const { contains } = test
    return {
      holds: (value) => value?.includes(contains) === true,
      words: `containing ${quote(contains)}`,
    }
  }
  const wanted = new Set(test.oneOf)
  return {
    holds: (value) => value !== undefined && wanted.has(value),
    words: either(test.oneOf.map(quote)),
  }
}

const PLACE_WORDS = {
  asn: 'AS number',
  region: 'region',
  country: 'country',
  continent: 'continent',
} as const

function placeCondition(
  kind: keyof typeof PLACE_WORDS,
  places: readonly (string | number)[],
): Condition {
  const wanted = new Set<ClientFacts[typeof kind]>(places as readonly ClientFacts[typeof kind][])
  return {
    holds: ({ client }) => client[kind] !== undefined && wanted.has(client[kind]),
    unmet: ({ client }) =>
      `${PLACE_WORDS[kind]} is ${client[kind] ?? 'unknown'}, not ${either(places)}`,
  }
}

function userAgentCondition(needles: readonly string[]): Condition {
  const wanted = needles.map((needle) => needle.toLowerCase())
  return {
    holds: ({ headers }) => {
      const agent = headers['user-agent']?.toLowerCase()
      return agent !== undefined && wanted.some((needle) => agent.includes(needle))
    },
    unmet: ({ headers }) => {
      const agent = headers['user-agent']
      const is = agent === undefined ? 'is absent' : `is ${quote(agent)}`
      return `user agent ${is}, not containing ${either(needles.map(quote))}`
    },
  }
}

function clientCondition(texts: readonly string[]): Condition {
  const blocks = texts.map(parseBlock)
  return {
    holds: ({ client }) => {
      const address = client.ip === undefined ? undefined : parseAddress(client.ip)
      return address !== undefined && blocks.some((block) => isInBlock(address, block))
    },
    unmet: ({ client }) => `client address is ${client.ip ?? 'unknown'}, not in ${either(texts)}`,
  }
}
