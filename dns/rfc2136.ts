import { readSecret } from '../src/outbound/secret.ts'
import type { ProviderSettings } from '../src/schema/dns-provider.ts'
import { toNameServer } from './name-server.ts'
import type { Asked, DnsZone } from './provider.ts'
import { openSession, type Session } from './rfc2136/session.ts'
import { createUpdatedZone } from './rfc2136/zone.ts'
import { openConnection } from './tcp.ts'
import { importTsigKey } from './rfc2136/tsig.ts'

/** A zone of a name server that takes dynamic updates (RFC 2136) by TCP, signed with TSIG (RFC 8945): BIND, Knot, PowerDNS. */
export function openRfc2136Zone(
  settings: ProviderSettings<'rfc2136'>,
  zone: string,
  bindings: object,
): DnsZone {
  return createUpdatedZone(zone, () => open(settings, bindings))
}

async function open(
  { server, key: { name, algorithm, secret: binding }, timeout }: ProviderSettings<'rfc2136'>,
  bindings: object,
): Promise<Asked<Session>> {
  const secret = readSecret(bindings, binding)
  if (!secret.ok) return { ok: false, failure: { kind: 'no-secret', detail: secret.why } }
  const key = await importTsigKey({ name, algorithm }, secret.value)
  if (!key) {
    const detail = `the secret "${binding}" is no base64, as the key of a name server is`
    return { ok: false, failure: { kind: 'no-secret', detail } }
  }
  const connection = openConnection(toNameServer(server), timeout)
  return { ok: true, value: openSession({ connection, key, now: Date.now }) }
}
