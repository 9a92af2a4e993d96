import {
  ChangeResourceRecordSetsCommand,
  Route53Client,
  type Change,
  type ChangeResourceRecordSetsCommandOutput,
  type Route53ClientConfig,
} from '@aws-sdk/client-route-53'
import { onTestFinished } from 'vitest'
import { Account, type AccountOptions } from './account.ts'
import type { HostedZone } from './hosted-zones.ts'
import { startRoute53, type Route53Options, type Route53Server } from './server.ts'

/** A local Route 53 with a zone example.com, and Amazon's own client in front of it. */
export interface ClientStage {
  readonly account: Account
  readonly zone: HostedZone
  readonly server: Route53Server
  readonly client: Route53Client
  /** Another client, with some things otherwise. */
  readonly toClient: (config: Route53ClientConfig) => Route53Client
  readonly change: (...changes: Change[]) => Promise<ChangeResourceRecordSetsCommandOutput>
}

/** Starts one, until the end of the test. */
export async function startClientStage(
  options: AccountOptions = {},
  rest: Route53Options = {},
): Promise<ClientStage> {
  const account = new Account(options)
  const zone = account.addZone('example.com')
  const server = await startRoute53({ account, ...rest })
  onTestFinished(() => server.stop())
  const toClient = (config: Route53ClientConfig): Route53Client =>
    new Route53Client({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: server.credentials,
      maxAttempts: 1,
      ...config,
    })
  const client = toClient({})
  const change = (...Changes: Change[]) =>
    client.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: zone.id, ChangeBatch: { Changes } }),
    )
  return { account, zone, server, client, toClient, change }
}

/** A change that makes an A record, or what the rest says. */
export function create(Name: string, rest: Partial<Change['ResourceRecordSet']> = {}): Change {
  const ResourceRecords = [{ Value: '192.0.2.1' }]
  return {
    Action: 'CREATE',
    ResourceRecordSet: { Name, Type: 'A', TTL: 60, ResourceRecords, ...rest },
  }
}
