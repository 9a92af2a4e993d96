import { onTestFinished } from 'vitest'
import type { DnsZone } from '../../../dns/provider.ts'
import { openPatientZone } from '../../../dns/route53.ts'
import { PATIENCE, type Patience } from '../../../dns/route53/api.ts'
import { DnsProvider, type ProviderSettings } from '../../../src/schema/dns-provider.ts'
import type { DnsChange, RecordSet } from '../../../src/schema/dns-record-set.ts'
import { Account, type AccountOptions } from './account.ts'
import type { HostedZone } from './hosted-zones.ts'
import { startRoute53, type Route53Options, type Route53Server } from './server.ts'

/** A local Route 53 with a zone example.com, and the provider in front of it. */
export interface ProviderStage {
  readonly account: Account
  readonly hosted: HostedZone
  readonly server: Route53Server
  readonly zone: DnsZone
  /** Another provider for the same zone, with some things otherwise. */
  readonly open: (other: Opening) => DnsZone
}

/** What may be otherwise. */
export interface Opening {
  readonly settings?: Partial<ProviderSettings<'route53'>>
  readonly bindings?: Readonly<Record<string, string>>
  readonly patience?: Partial<Patience>
}

/** Starts one, until the end of the test. It waits for nothing that it need not wait for. */
export async function startStage(
  options: AccountOptions = {},
  rest: Route53Options & Opening = {},
): Promise<ProviderStage> {
  const account = new Account(options)
  const hosted = account.addZone('example.com')
  const server = await startRoute53({ account, ...rest })
  onTestFinished(() => server.stop())
  const parsed = DnsProvider.parse({
    type: 'route53',
    url: server.url,
    accessKeyId: { secret: 'AWS_ID' },
    secretAccessKey: { secret: 'AWS_KEY' },
    inSync: '0s',
  }) as ProviderSettings<'route53'>
  const { accessKeyId, secretAccessKey } = server.credentials
  const secrets = { AWS_ID: accessKeyId, AWS_KEY: secretAccessKey }
  const open = ({ settings, bindings, patience }: Opening): DnsZone =>
    openPatientZone(
      {
        settings: { ...parsed, ...settings },
        zone: 'example.com',
        bindings: { ...secrets, ...bindings },
      },
      { ...PATIENCE, spacingMs: 0, pollMs: 5, ...patience },
    )
  return { account, hosted, server, zone: open(rest), open }
}

export const MARK = { owner: 'portolan', record: 'www' } as const

/** A record set of ours: A records of www.example.com, or what the rest says. */
export function ours(rest: Partial<RecordSet> = {}): RecordSet {
  return {
    name: 'www.example.com',
    type: 'A',
    ttl: 60,
    values: ['192.0.2.1'],
    mark: MARK,
    ...rest,
  }
}

/** The change from one set to another; without one of them, a removal or a creation. */
export function change(before?: RecordSet, after?: RecordSet): DnsChange {
  const record = (after ?? before)?.mark?.record ?? 'www'
  return {
    record,
    ...(before && { before }),
    ...(after && { after }),
    reason: 'as a test wants it',
  }
}
