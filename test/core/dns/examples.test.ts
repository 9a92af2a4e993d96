import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readConfigFile } from '../../../cli/config-file.ts'
import { wantedRecords } from '../../../src/core/dns/wanted.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { documentOf } from '../../support/builders.ts'
import { unhealthy } from '../../support/dns-record.ts'

/** What is wanted of each record of an example, a line for each set, and why. */
function wantedOf(name: string, provider: string, origins: readonly string[] = []) {
  const file = readConfigFile(
    fileURLToPath(new URL(`../../../examples/${name}.jsonc`, import.meta.url)),
  )
  if (!file.ok) throw new Error(file.errors.join('\n'))
  const document = documentOf(file.authored as AuthoredConfig, { origins: unhealthy(...origins) })
  const wanted = wantedRecords(document, { provider, zone: 'example.com' }, 0)
  const lines = wanted.flatMap(({ record, sets }) =>
    sets.map(({ variant, ttl, values }) => {
      const weight = variant?.by === 'weight' ? ` ${variant.weight}` : ''
      const which = variant ? ` (${variant.id}${weight})` : ''
      return `${record}${which} ${ttl} s: ${values.join(', ')}`
    }),
  )
  return { lines, reasons: wanted.map(({ reason }) => reason) }
}

describe('examples/dns-failover.jsonc', () => {
  it('answers with Frankfurt, and in the lobby with everybody', () => {
    expect(wantedOf('dns-failover', 'own')).toEqual({
      lines: [
        'play 60 s: 198.51.100.1, 198.51.100.2',
        'lobby 60 s: 192.0.2.1, 192.0.2.2, 198.51.100.1, 198.51.100.2',
        'voice 60 s: 10 40 5060 sip-2.fra.example.com, 10 60 5060 sip-1.fra.example.com',
      ],
      reasons: [
        'Route "game" goes to pool "fra" (2 of 2 origins).',
        'Of route "game" everybody answers who is well: "fra" (2 of 2 origins), "iad" (2 of 2 origins).',
        'Route "game" goes to pool "fra" (2 of 2 origins).',
      ],
    })
  })

  it('answers with Ashburn when Frankfurt is lost', () => {
    const { lines } = wantedOf('dns-failover', 'own', ['fra-1', 'fra-2'])
    expect(lines).toEqual([
      'play 20 s: 192.0.2.1, 192.0.2.2',
      'lobby 30 s: 192.0.2.1, 192.0.2.2',
      'voice 30 s: 10 100 5060 sip.iad.example.com',
    ])
  })
})

describe('examples/dns-route53.jsonc', () => {
  it('has a set for each place, weight, region and role', () => {
    expect(wantedOf('dns-route53', 'aws').lines).toEqual([
      'www (default) 60 s: 192.0.2.1, 192.0.2.2',
      'www (continent-EU) 60 s: 198.51.100.1',
      'www (continent-AS) 60 s: 203.0.113.1',
      'www (country-JP) 60 s: 203.0.113.1',
      'www (region-US-HI) 60 s: 203.0.113.1',
      'api (us 70) 60 s: 192.0.2.1, 192.0.2.2',
      'api (eu 30) 60 s: 198.51.100.1, 198.51.100.2',
      'near (eu) 60 s: 198.51.100.1, 198.51.100.2',
      'near (us) 60 s: 192.0.2.1, 192.0.2.2',
      'login (primary) 60 s: 198.51.100.1, 198.51.100.2',
      'login (secondary) 60 s: 192.0.2.1, 192.0.2.2',
    ])
  })

  it('moves what Asia and Europe had when both are lost', () => {
    const { lines } = wantedOf('dns-route53', 'aws', ['ap-1', 'eu-1', 'eu-2'])
    const us = '30 s: 192.0.2.1, 192.0.2.2'
    expect(lines).toEqual([
      `www (default) ${us}`,
      `www (continent-EU) ${us}`,
      `www (continent-AS) ${us}`,
      `www (country-JP) ${us}`,
      `www (region-US-HI) ${us}`,
      `api (us 70) ${us}`,
      `near (us) ${us}`,
      `login (primary) ${us}`,
    ])
  })
})

describe('examples/dns-cloudflare.jsonc', () => {
  it('answers with Europe, and America when that is lost', () => {
    expect(wantedOf('dns-cloudflare', 'cf').lines).toEqual([
      'apex 1 s: eu-2.example.net',
      'stream 120 s: 198.51.100.1, 198.51.100.2',
      'xmpp 60 s: 10 60 5222 eu-1.example.net, 20 40 5222 us-1.example.net',
      'service 60 s: 1 eu-1.example.net alpn=h2,h3',
    ])
    // What is proxied has no TTL of its own, and 60 s is the least at Cloudflare.
    expect(wantedOf('dns-cloudflare', 'cf', ['eu-1', 'eu-2']).lines).toEqual([
      'apex 1 s: us-1.example.net',
      'stream 60 s: 192.0.2.1',
      'xmpp 60 s: 20 40 5222 us-1.example.net',
      'service 60 s: 1 us-1.example.net alpn=h2',
    ])
  })
})
