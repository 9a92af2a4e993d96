import type { DnsProvider } from './dns-provider.ts'
import type { Variant } from './dns-record-set.ts'

/** What a kind of provider can do beside keeping plain record sets. */
export interface Abilities {
  /** Ways to choose between several record sets of one name and type. */
  readonly variants: readonly Variant['by'][]
  /** Whether a CNAME may stand at the top of a zone, since the provider answers with addresses (RFC 1034 §3.6.2 forbids it). */
  readonly flattensApex: boolean
  /** The least TTL in seconds. */
  readonly leastTtl: number
}

/** By type of provider. */
export const ABILITIES: Readonly<Record<DnsProvider['type'], Abilities>> = {
  cloudflare: { variants: [], flattensApex: true, leastTtl: 60 },
  route53: {
    variants: ['weight', 'place', 'latency', 'failover'],
    flattensApex: false,
    leastTtl: 1,
  },
  rfc2136: { variants: [], flattensApex: false, leastTtl: 1 },
  powerdns: { variants: [], flattensApex: false, leastTtl: 1 },
}
