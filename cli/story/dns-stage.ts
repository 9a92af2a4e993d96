import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { startBind } from '../dns-servers/bind.ts'
import { createTsigKey } from '../dns-servers/keys.ts'
import { startPowerDns } from '../dns-servers/powerdns.ts'
import { setStage, type Stage } from './stage.ts'

const CONFIG = fileURLToPath(new URL('../../examples/dns-story.jsonc', import.meta.url))

/** One record at one server, as `dig` asks for it. */
export interface Asked {
  readonly server: string
  readonly port: number
  readonly name: string
}

/** The stage of the router, and what the records of its regions can be asked of. */
export interface DnsStage extends Stage {
  readonly asked: readonly Asked[]
}

/** Two regions, a real PowerDNS and a real BIND, each with an empty zone and a key of its own. */
export async function setDnsStage(): Promise<DnsStage> {
  const key = createTsigKey('portolan')
  const pdns = await startPowerDns({ zones: ['example.com'], keys: [] })
  const bind = await startBind({ zones: ['example.net'], keys: [key] })
  const stage = await setStage(CONFIG, {
    secrets: { PDNS_API_KEY: pdns.apiKey, TSIG_KEY: key.secret },
    adapt: (authored) => {
      return withServers(authored, {
        pdns: { url: pdns.apiUrl, nameServers: [`127.0.0.1:${pdns.port}`] },
        bind: { server: `127.0.0.1:${bind.port}`, nameServers: [`127.0.0.1:${bind.port}`] },
      })
    },
  })
  return {
    ...stage,
    asked: [
      { server: 'PowerDNS', port: pdns.port, name: 'play.example.com' },
      { server: 'BIND', port: bind.port, name: 'play.example.net' },
    ],
    async close() {
      await stage.close()
      await Promise.all([pdns.stop(), bind.stop()])
    },
  }
}

const Authored = z.looseObject({
  dns: z.looseObject({ providers: z.record(z.string(), z.looseObject({})) }),
})

/** The configuration with the addresses that the servers happen to have. */
function withServers(
  authored: unknown,
  addresses: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): unknown {
  const config = Authored.parse(authored)
  const providers = Object.entries(config.dns.providers).map(([id, provider]) => {
    return [id, { ...provider, ...addresses[id] }] as const
  })
  return { ...config, dns: { ...config.dns, providers: Object.fromEntries(providers) } }
}
