import type { Affinity } from '../../schema/affinity.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import { describeAddress, hashAddress } from '../kernel/address.ts'
import { hashText } from '../kernel/hash.ts'

/** Affinity by what the request carries. */
type HeaderAffinity = Extract<Affinity, { type: 'header' }>

/**
 * What a request says of its session by itself, as a text: for `header` the values of the names, for `ip` the
 * address (IPv6 by /64). Undefined when it lacks that, and for cookies, which only say where a client is bound.
 */
export function sessionKeyOf(affinity: Affinity, facts: RequestFacts): string | undefined {
  if (affinity.type === 'header') return valuesOf(affinity, facts)
  if (affinity.type !== 'ip') return undefined
  const { ip } = facts.client
  return ip === undefined ? undefined : describeAddress(ip)
}

/**
 * By what affinity places a client that is bound nowhere, as a hash: its key where somebody has to find the same
 * origin without remembering, its address with `ip-cookie`. Undefined where the policy places it.
 */
export function placementOf(affinity: Affinity, facts: RequestFacts): number | undefined {
  switch (affinity.type) {
    case 'cookie':
      return undefined
    case 'ip-cookie':
      return hashOfAddress(facts)
    case 'ip':
      return affinity.store === 'none' ? hashOfAddress(facts) : undefined
    case 'header': {
      if (affinity.store !== 'none') return undefined
      const values = valuesOf(affinity, facts)
      return values === undefined ? undefined : hashText(values)
    }
  }
}

/** Whether somebody remembers where a client of this request is bound. */
export function isRemembered(affinity: Affinity, facts: RequestFacts): boolean {
  if (affinity.type === 'cookie' || affinity.type === 'ip-cookie') return true
  return affinity.store === 'durable' && sessionKeyOf(affinity, facts) !== undefined
}

/** By what a session is told from others, in words, without a value that may be a credential. */
export function describeSessionKey(affinity: Affinity, facts: RequestFacts): string {
  const { ip } = facts.client
  const address = ip === undefined ? 'the address, which is unknown' : describeAddress(ip)
  switch (affinity.type) {
    case 'cookie':
      return 'a cookie'
    case 'ip-cookie':
      return `a cookie, and without one ${address}`
    case 'ip':
      return address
    case 'header': {
      const names = affinity.names.map((name) =>
        'header' in name ? `header ${name.header}` : `cookie ${name.cookie}`,
      )
      const told = names.join(affinity.require === 'all' ? ' and ' : ' or ')
      return sessionKeyOf(affinity, facts) === undefined ? `${told}, which it lacks` : told
    }
  }
}

function hashOfAddress({ client: { ip } }: RequestFacts): number | undefined {
  return ip === undefined ? undefined : hashAddress(ip)
}

/** The first value that is there, or all of them. An empty one is none. */
function valuesOf({ names, require }: HeaderAffinity, facts: RequestFacts): string | undefined {
  const values: string[] = []
  for (const name of names) {
    const value =
      'header' in name ? present(facts.headers, name.header) : present(facts.cookies, name.cookie)
    if (value && require === 'any') return value
    if (value) values.push(value)
  }
  // No header and no cookie holds a line break, so that no two lists of values are one text.
  return values.length === names.length ? values.join('\n') : undefined
}

function present(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
