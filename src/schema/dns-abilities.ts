import type { DnsProvider } from './dns-provider.ts'
import type { Variant } from './dns-record-set.ts'

/** What a kind of provider can do beside keeping plain record sets. */
export interface Abilities {
  /** Ways to choose between several record sets of one name and type. */
  readonly variants: readonly Variant['by'][]
  /** The most of them of one name and type. */
  readonly mostVariants: number
  /** Whether a CNAME may stand at the top of a zone, since the provider answers with addresses (RFC 1034 §3.6.2 forbids it). */
  readonly flattensApex: boolean
  /** The least TTL in seconds. */
  readonly leastTtl: number
  /** Whether it can stand in front of a record itself: such a record has no TTL of its own. */
  readonly proxies: boolean
  /** Countries of which it knows the regions (Route 53: states of the USA, oblasts of Ukraine). */
  readonly regionsOf: readonly string[]
  /** Where a mark stands: in a comment of so many characters at least, or in a TXT of a name of its own. */
  readonly mark: { readonly comment: number } | 'companion'
}

const PLAIN = {
  variants: [],
  mostVariants: 1,
  flattensApex: false,
  leastTtl: 1,
  proxies: false,
  regionsOf: [],
}

/** By type of provider. */
export const ABILITIES: Readonly<Record<DnsProvider['type'], Abilities>> = {
  cloudflare: {
    ...PLAIN,
    flattensApex: true,
    leastTtl: 60,
    proxies: true,
    // A zone of the Free plan; every other plan has 500.
    mark: { comment: 100 },
  },
  route53: {
    ...PLAIN,
    variants: ['weight', 'place', 'latency', 'failover'],
    // Amazon Route 53 Developer Guide, "Quotas": records of one name and type.
    mostVariants: 100,
    regionsOf: ['US', 'UA'],
    mark: 'companion',
  },
  rfc2136: { ...PLAIN, mark: 'companion' },
  powerdns: { ...PLAIN, mark: { comment: 65_535 } },
}
