import type { RequestFacts } from '../../schema/facts.ts'
import type { Key } from '../../schema/key.ts'
import { isSecretHeader } from './secret.ts'
import { describeAddress, hashAddress } from './address.ts'
import { hashChance, hashText } from './hash.ts'

/** A key that stands in the request itself, by a name or a place. */
type ValueKey = Exclude<Key, 'random' | 'client'>

/**
 * The 32-bit hash that a choice hangs on. A request that lacks its key (or has it empty) is keyed by its
 * client, and by chance when even that is unknown. `sessionCookie` names the cookie behind `session`.
 */
export function hashKey(key: Key, facts: RequestFacts, sessionCookie: string): number {
  if (key === 'random') return hashChance(facts.random)
  if (key !== 'client') {
    const value = valueOf(key, facts, sessionCookie)
    if (value !== undefined) return hashText(value)
  }
  const { ip } = facts.client
  return ip === undefined ? hashChance(facts.random) : hashAddress(ip)
}

/** The same in words: `client 203.0.113.7`, `header x-user = "anna"`. Never a value that may be a credential. */
export function describeKey(key: Key, facts: RequestFacts, sessionCookie: string): string {
  if (key === 'random') return 'chance'
  const { ip } = facts.client
  const client = ip === undefined ? 'chance' : `client ${describeAddress(ip)}`
  if (key === 'client') return ip === undefined ? 'chance (the client is unknown)' : client
  const name = nameOf(key, sessionCookie)
  const value = valueOf(key, facts, sessionCookie)
  if (value === undefined) return `${client} (the request has no ${name})`
  return isSecret(key) ? name : `${name} = ${JSON.stringify(shorten(value))}`
}

function valueOf(key: ValueKey, facts: RequestFacts, sessionCookie: string): string | undefined {
  if (key === 'session') return present(facts.cookies, sessionCookie)
  if ('header' in key) return present(facts.headers, key.header)
  if ('cookie' in key) return present(facts.cookies, key.cookie)
  if ('query' in key) return present(facts.query, key.query)
  return segmentOf(facts.path, key.segment)
}

/** An empty value is none: it would tie every request without a value to one member. */
function present(values: Readonly<Record<string, string>>, name: string): string | undefined {
  if (!Object.hasOwn(values, name)) return undefined
  return values[name] || undefined
}

/** Segment `count` of a path, from 1: 2 of `/users/7/posts` is `7`. */
function segmentOf(path: string, count: number): string | undefined {
  let start = 1
  for (let skipped = 1; skipped < count; skipped += 1) {
    const slash = path.indexOf('/', start)
    if (slash < 0) return undefined
    start = slash + 1
  }
  const end = path.indexOf('/', start)
  return path.slice(start, end < 0 ? undefined : end) || undefined
}

function nameOf(key: ValueKey, sessionCookie: string): string {
  if (key === 'session') return `session cookie ${sessionCookie}`
  if ('header' in key) return `header ${key.header}`
  if ('cookie' in key) return `cookie ${key.cookie}`
  if ('query' in key) return `query parameter ${key.query}`
  return `path segment ${key.segment}`
}

function isSecret(key: ValueKey): boolean {
  return key === 'session' || 'cookie' in key || ('header' in key && isSecretHeader(key.header))
}

const SHOWN_CHARACTERS = 64

function shorten(value: string): string {
  return value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value
}
