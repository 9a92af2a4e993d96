import type * as z from 'zod'
import { wantedRecords } from '../../src/core/dns/wanted.ts'
import type { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { WantedRecord } from '../../src/schema/dns-record-set.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { documentOf } from './builders.ts'

type Authored = NonNullable<NonNullable<AuthoredConfig['dns']>['records']>[string]
type Pools = NonNullable<AuthoredConfig['pools']>
type Steer = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['steer']>

/** Where the record of a test is kept. */
export const KEEPERS = {
  plain: {
    type: 'rfc2136',
    server: '127.0.0.1:5353',
    key: { name: 'portolan', secret: 'TSIG_KEY' },
  },
  able: {
    type: 'route53',
    accessKeyId: { secret: 'AWS_ID' },
    secretAccessKey: { secret: 'AWS_SECRET' },
  },
  proxy: { type: 'cloudflare', token: { secret: 'DNS_TOKEN' } },
} as const

/** What a test says of its one record "www"; the rest is plain. */
export interface Told {
  readonly pools?: Pools
  readonly steer?: Steer
  readonly route?: Partial<NonNullable<AuthoredConfig['routes']>[string]>
  readonly record?: Partial<Authored>
  readonly keeper?: keyof typeof KEEPERS
}

/** Two regions of two origins each, by their addresses. */
export const REGIONS: Pools = {
  us: addresses(['us-1', 'us-2'], '192.0.2'),
  eu: addresses(['eu-1', 'eu-2'], '198.51.100'),
}

/** A pool of these origins, the first at `.1` of a network. */
export function addresses(ids: readonly string[], network: string): Pools[string] {
  const origins = ids.map((id, at) => [id, { url: `http://${network}.${at + 1}` }])
  return { origins: Object.fromEntries(origins) }
}

/** A configuration with the record "www", and `us` before `eu` unless said otherwise. */
export function configOf({
  pools = REGIONS,
  steer,
  route,
  record,
  keeper = 'plain',
}: Told): AuthoredConfig {
  return {
    pools,
    routes: {
      web: { steer: steer ?? { policy: 'failover', pools: Object.keys(pools) }, ...route },
    },
    dns: {
      providers: { keeper: KEEPERS[keeper] },
      records: {
        www: {
          provider: 'keeper',
          zone: 'example.com',
          name: 'www.example.com',
          type: 'A',
          route: 'web',
          ...record,
        },
      },
    },
  }
}

/** What is wanted of the record "www" under these conditions. */
export function wantedOf(told: Told, conditions: z.input<typeof Conditions> = {}): WantedRecord {
  const document = documentOf(configOf(told), conditions)
  const [wanted] = wantedRecords(document, { provider: 'keeper', zone: 'example.com' }, 1000)
  if (!wanted) throw new Error('nothing is wanted')
  return wanted
}

/** Conditions of origins that all fail their probes. */
export function unhealthy(...ids: readonly string[]) {
  const condition = { health: 'unhealthy', evidence: '3 of 3 probes failed' } as const
  return Object.fromEntries(ids.map((id) => [id, condition]))
}

/** Each problem of a configuration in a line: "error name: what it is (what to do)", the path from the record on. */
export function problemsOf(authored: AuthoredConfig): string[] {
  return parseConfig(authored).problems.map(({ severity, path, message, cure }) => {
    const place = path.replace(/^\/dns\/records\/(?:www\/)?/, '')
    return `${severity} ${place}: ${message} (${cure})`
  })
}
