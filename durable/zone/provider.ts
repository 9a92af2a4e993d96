import type { DnsZone } from '../../dns/provider.ts'
import { openZone } from '../../dns/registry.ts'
import type { Dns } from '../../src/schema/dns.ts'
import type { ZoneName } from '../../src/schema/dns-zone.ts'

/** Opens the zone of an object at its provider; undefined where the configuration has no such provider. */
export type OpenProvider = (dns: Dns | undefined, name: ZoneName) => DnsZone | undefined

/** Keeps what it opened while the settings are the same, so that a provider looks the id of a zone up once. */
export function createProviderSource(bindings: () => object): OpenProvider {
  let kept: { readonly text: string; readonly zone: DnsZone } | undefined
  return (dns, name) => {
    const providers = dns?.providers ?? {}
    const settings = Object.hasOwn(providers, name.provider) ? providers[name.provider] : undefined
    if (settings === undefined) return undefined
    const text = JSON.stringify(settings)
    if (kept?.text !== text) kept = { text, zone: openZone(settings, name.zone, bindings()) }
    return kept.zone
  }
}
