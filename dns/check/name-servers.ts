import type { DnsProvider } from '../../src/schema/dns-provider.ts'
import type { Dns } from '../../src/schema/dns.ts'
import { askResolver } from './ask-resolver.ts'

/** A zone has four name servers as a rule; more than these tell nothing new. */
const MOST_SERVERS = 4

/** Resolvers that are asked for them, one after the other: each may take its whole time to say nothing. */
const MOST_RESOLVERS = 2

/** Whose name servers are looked for. */
export interface ServedZone {
  readonly settings: DnsProvider
  readonly check: Dns['check']
  readonly zone: string
}

/**
 * The name servers that are asked: those of the settings, else those that the NS records of the zone name. Of
 * Cloudflare's none are looked for: a Worker cannot connect to addresses of the network that it runs in.
 */
export async function serversOf({ settings, check, zone }: ServedZone): Promise<readonly string[]> {
  if (!check.nameServers) return []
  if (settings.nameServers !== undefined) return settings.nameServers
  if (settings.type === 'cloudflare') return []
  const named = await namedServers(zone, check.resolvers)
  if (named.length > 0) return named
  return settings.type === 'rfc2136' ? [settings.server] : []
}

/** What the first of the first resolvers says that knows the zone. */
async function namedServers(
  zone: string,
  resolvers: readonly string[],
): Promise<readonly string[]> {
  for (const resolver of resolvers.slice(0, MOST_RESOLVERS)) {
    const reading = await askResolver(resolver, { name: zone, type: 'NS' })
    const names = reading.ok ? reading.values : []
    if (names.length > 0) return [...names].toSorted().slice(0, MOST_SERVERS)
  }
  return []
}
