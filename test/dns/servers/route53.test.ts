import { describe } from 'vitest'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import { httpAnswer } from '../../support/faulty-server.ts'
import { Account } from '../../support/route53/account.ts'
import { startRoute53 } from '../../support/route53/server.ts'
import { describeDnsZone, type Stage } from '../contract.ts'

function toSettings(url: string, zone: string): DnsProvider {
  return DnsProvider.parse({
    type: 'route53',
    url,
    accessKeyId: { secret: 'AWS_ID' },
    secretAccessKey: { secret: 'AWS_KEY' },
    inSync: '0s',
    // A look-up more for each call would soon be slowed down.
    zones: { 'example.com': zone },
  })
}

async function start(): Promise<Stage> {
  const account = new Account()
  const zone = account.addZone('example.com')
  const server = await startRoute53({ account })
  const { accessKeyId, secretAccessKey } = server.credentials
  return {
    settings: toSettings(server.url, zone.id),
    at: (port) => toSettings(`http://127.0.0.1:${port}`, zone.id),
    zone: 'example.com',
    bindings: { AWS_ID: accessKeyId, AWS_KEY: secretAccessKey },
    wrong: { AWS_ID: accessKeyId, AWS_KEY: 'x'.repeat(40) },
    plant: async ({ name, type, ttl, values }) => account.plant(zone, { name, type, ttl, values }),
    stop: () => server.stop(),
  }
}

describe('Route 53', () => {
  describeDnsZone({
    start,
    garbage: httpAnswer(200, '<ListResourceRecordSetsResponse><ResourceRecordSets>'),
    echo: (said) => {
      const message = said.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
      const error = `<Code>SignatureDoesNotMatch</Code><Message>${message}</Message>`
      return httpAnswer(403, `<ErrorResponse><Error>${error}</Error></ErrorResponse>`)
    },
  })
})
