import { onTestFinished } from 'vitest'
import { openCloudflareZone } from '../../../dns/cloudflare.ts'
import { DnsProvider, type ProviderSettings } from '../../../src/schema/dns-provider.ts'
import type { DnsChange, RecordSet } from '../../../src/schema/dns-record-set.ts'
import { type Right, startCloudflare } from '../../support/cloudflare/server.ts'

/** The comment of what is ours. */
export const COMMENT = 'heritage=portolan,owner=portolan,record=www'

/** A record set of one answer, and another. */
export const ONE = setOf(['192.0.2.1'])
export const TWO = setOf(['192.0.2.2'])

interface Given {
  /** Of the token; none at all: no token is bound. */
  readonly rights?: readonly Right[]
  /** Whether the settings name the id of the zone. */
  readonly named?: boolean
  readonly timeoutMs?: number
  /** What is bound instead of a token. */
  readonly secret?: string
}

/** The zone example.com at a server that ends with the test, and the provider opened on it. */
export async function givenZone({
  rights = ['edit'],
  named = true,
  timeoutMs = 5000,
  secret,
}: Given = {}) {
  const server = await startCloudflare()
  onTestFinished(() => server.stop())
  const held = server.addZone('example.com')
  const token = secret ?? server.addToken(rights)
  const parsed = DnsProvider.parse({
    type: 'cloudflare',
    url: server.url,
    token: { secret: 'CLOUDFLARE_TOKEN' },
    zones: named ? { 'example.com': held.id } : {},
  }) as ProviderSettings<'cloudflare'>
  // The schema allows no less than a second, which is long for a test.
  const settings = { ...parsed, timeout: timeoutMs }
  const zone = openCloudflareZone(settings, 'example.com', { CLOUDFLARE_TOKEN: token })
  const answers = (): string[] => held.records().map(({ content }) => content)
  return { server, held, zone, token, answers, settings }
}

/** A marked set of www.example.com. */
export function setOf(values: readonly string[], extra: Partial<RecordSet> = {}): RecordSet {
  const mark = { owner: 'portolan', record: 'www' }
  return { name: 'www.example.com', type: 'A', ttl: 60, values: [...values], mark, ...extra }
}

/** A change from one set to another. */
export function change(before: RecordSet | undefined, after: RecordSet | undefined): DnsChange {
  return { record: 'www', reason: 'a test', ...(before && { before }), ...(after && { after }) }
}
