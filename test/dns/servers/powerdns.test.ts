import { describe } from 'vitest'
import { startPowerDns } from '../../../cli/dns-servers/powerdns.ts'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import { lacks } from '../../support/dns-servers.ts'
import { httpAnswer } from '../../support/faulty-server.ts'
import { describeDnsZone, type Stage } from '../contract.ts'

const toSettings = (url: string) =>
  DnsProvider.parse({ type: 'powerdns', url, key: { secret: 'PDNS_KEY' } })

async function start(): Promise<Stage> {
  const server = await startPowerDns({ zones: ['example.test'], keys: [] })
  return {
    settings: toSettings(server.apiUrl),
    at: (port) => toSettings(`http://127.0.0.1:${port}`),
    zone: 'example.test',
    bindings: { PDNS_KEY: server.apiKey },
    wrong: { PDNS_KEY: 'a-key-that-is-wrong' },
    async plant({ name, type, ttl, values }) {
      const records = values.map((content) => ({ content, disabled: false }))
      const rrset = { name: `${name}.`, type, ttl, changetype: 'REPLACE', records }
      await server.call('PATCH', '/zones/example.test.', { rrsets: [rrset] })
    },
    stop: () => server.stop(),
  }
}

describe.skipIf(lacks('powerdns'))('PowerDNS', () => {
  describeDnsZone({
    start,
    garbage: httpAnswer(200, '{"kind": 1, "rrsets"'),
    echo: (said) => httpAnswer(422, JSON.stringify({ error: said })),
  })
})
