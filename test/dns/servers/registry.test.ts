import { expect, it, onTestFinished } from 'vitest'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import { openZoneInWorker } from '../../support/dns-zone.ts'
import { httpAnswer, startFaultyServer } from '../../support/faulty-server.ts'

it('lets nothing through that could not be loaded again', async () => {
  const rrset = {
    name: 'www.example.com.',
    type: 'A',
    ttl: -1,
    records: [{ content: '192.0.2.1' }],
  }
  const body = JSON.stringify({ kind: 'Native', rrsets: [rrset] })
  const server = await startFaultyServer((socket) => socket.end(httpAnswer(200, body)))
  onTestFinished(() => server.stop())
  const settings = DnsProvider.parse({
    type: 'powerdns',
    url: `http://127.0.0.1:${server.port}`,
    key: { secret: 'KEY' },
  })
  const zone = openZoneInWorker({ settings, zone: 'example.com', bindings: { KEY: 'k' } })
  expect(await zone.read([{ name: 'www.example.com', type: 'A' }])).toEqual({
    ok: false,
    failure: { kind: 'garbled', detail: expect.stringMatching(/www\.example\.com A, ttl: /) },
  })
})
