import { describe } from 'vitest'
import { startBind } from '../../../cli/dns-servers/bind.ts'
import { createTsigKey } from '../../../cli/dns-servers/keys.ts'
import { startKnot } from '../../../cli/dns-servers/knot.ts'
import { startPowerDns } from '../../../cli/dns-servers/powerdns.ts'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import { lacks } from '../../support/dns-servers.ts'
import { plantRecordSet } from '../../support/nsupdate.ts'
import { describeDnsZone, type Stage } from '../contract.ts'

const key = createTsigKey('portolan', 'hmac-sha512')
const zone = 'example.test'

async function createStage(start: typeof startBind): Promise<Stage> {
  const server = await start({ zones: [zone], keys: [key] })
  const at = (port: number) =>
    DnsProvider.parse({
      type: 'rfc2136',
      server: `127.0.0.1:${port}`,
      key: { name: key.name, algorithm: key.algorithm, secret: 'TSIG_KEY' },
    })
  return {
    settings: at(server.port),
    zone,
    bindings: { TSIG_KEY: key.secret },
    at,
    wrong: { TSIG_KEY: createTsigKey('wrong').secret },
    plant: (set) => plantRecordSet({ port: server.port, zone, key }, set),
    stop: () => server.stop(),
  }
}

/** As many messages as anything asks for, each of eight octets. */
const garbage = '\0\u0008no reply'.repeat(100)

/** Its own words are no answer to anybody. */
const echo = (said: string) => said

describe.skipIf(lacks('bind', 'tools'))('BIND', () => {
  describeDnsZone({ garbage, echo, start: () => createStage(startBind) })
})

describe.skipIf(lacks('knot', 'tools'))('Knot', () => {
  describeDnsZone({ garbage, echo, start: () => createStage(startKnot) })
})

describe.skipIf(lacks('powerdns', 'tools'))('PowerDNS, by dynamic updates', () => {
  describeDnsZone({ garbage, echo, start: () => createStage(startPowerDns) })
})
