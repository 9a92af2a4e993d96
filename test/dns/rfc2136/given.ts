import { createTsigKey } from '../../../cli/dns-servers/keys.ts'
import type { DnsZone } from '../../../dns/provider.ts'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import type { DnsChange, RecordSet } from '../../../src/schema/dns-record-set.ts'
import { openZoneInWorker } from '../../support/dns-zone.ts'

/** What servers are started with. */
export const key = createTsigKey('portolan')
export const zone = 'example.test'

/** The zone as a server on this port keeps it, for who has this key. */
export function open(port: number, signedBy = key): DnsZone {
  const settings = DnsProvider.parse({
    type: 'rfc2136',
    server: `127.0.0.1:${port}`,
    key: { name: signedBy.name, algorithm: signedBy.algorithm, secret: 'TSIG_KEY' },
  })
  return openZoneInWorker({ settings, zone, bindings: { TSIG_KEY: signedBy.secret } })
}

/** A marked set of addresses. */
export function setFor(label: string, values: readonly string[]): RecordSet {
  const mark = { owner: 'portolan', record: 'www' }
  return { name: `${label}.${zone}`, type: 'A', ttl: 60, values: [...values], mark }
}

/** A change from one set to another. */
export function change(before?: RecordSet, after?: RecordSet): DnsChange {
  return { record: 'www', reason: 'a test', ...(before && { before }), ...(after && { after }) }
}
