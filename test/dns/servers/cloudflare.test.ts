import { describe } from 'vitest'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import { startCloudflare } from '../../support/cloudflare/server.ts'
import { httpAnswer } from '../../support/faulty-server.ts'
import { describeDnsZone, type Stage } from '../contract.ts'

async function start(): Promise<Stage> {
  const server = await startCloudflare()
  // The shortest TTL is that of the Enterprise plan.
  const held = server.addZone('example.com', { plan: { leastTtl: 30 } })
  const toSettings = (url: string) => {
    const zones = { 'example.com': held.id }
    return DnsProvider.parse({ type: 'cloudflare', url, token: { secret: 'TOKEN' }, zones })
  }
  return {
    settings: toSettings(server.url),
    at: (port) => toSettings(`http://127.0.0.1:${port}/client/v4`),
    zone: 'example.com',
    bindings: { TOKEN: server.addToken(['edit', 'zones']) },
    wrong: { TOKEN: 'x'.repeat(40) },
    async plant({ name, type, ttl, values }) {
      for (const content of values) held.create({ name, type, ttl, content })
    },
    stop: () => server.stop(),
  }
}

describe('Cloudflare', () => {
  describeDnsZone({
    start,
    garbage: httpAnswer(200, '{"success": true, "result": ['),
    echo: (said) => {
      const errors = [{ code: 1004, message: said }]
      return httpAnswer(400, JSON.stringify({ success: false, errors }))
    },
  })
})
