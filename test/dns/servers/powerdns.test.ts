import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PowerDnsServer, startPowerDns } from '../../../cli/dns-servers/powerdns.ts'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import { lacks } from '../../support/dns-servers.ts'
import { openZoneInWorker } from '../../support/dns-zone.ts'

describe.skipIf(lacks('powerdns'))('PowerDNS', () => {
  let server: PowerDnsServer

  beforeAll(async () => {
    server = await startPowerDns({ zones: ['example.test'], keys: [] })
  })

  afterAll(() => server?.stop())

  it('keeps a record set with its mark', async () => {
    const zone = openZoneInWorker({
      settings: DnsProvider.parse({
        type: 'powerdns',
        url: server.apiUrl,
        key: { secret: 'PDNS_KEY' },
      }),
      zone: 'example.test',
      bindings: { PDNS_KEY: server.apiKey },
    })
    const after = {
      name: 'www.example.test',
      type: 'A' as const,
      ttl: 60,
      values: ['192.0.2.1'],
      mark: { owner: 'portolan', record: 'www' },
    }
    const results = await zone.apply([{ record: 'www', after, reason: 'a test' }])
    expect(results).toEqual([{ outcome: 'done' }])
    expect(await zone.read([after])).toEqual({ ok: true, value: [after] })
  })
})
