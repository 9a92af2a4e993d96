import type { DnsZone } from '../../dns/provider.ts'
import { openZone } from '../../dns/registry.ts'
import type { DnsFailure } from '../../src/schema/dns-record-set.ts'
import type { Dns } from '../../src/schema/dns.ts'
import type { ZoneName } from '../../src/schema/dns-zone.ts'

/** Opens the zone of an object at its provider; undefined where the configuration has no such provider. */
export type OpenProvider = (dns: Dns | undefined, name: ZoneName) => DnsZone | undefined

/**
 * Keeps what it opened for as long as the settings are the same: a provider looks the id of a zone up once. One that
 * says that there is no such zone is opened anew, since the zone may have got another id.
 */
export function createProviderSource(bindings: () => object): OpenProvider {
  let kept: { readonly text: string; readonly zone: DnsZone } | undefined
  const judge = (failure: DnsFailure | undefined) => {
    if (failure?.kind === 'no-zone') kept = undefined
  }
  return (dns, name) => {
    const providers = dns?.providers ?? {}
    const settings = Object.hasOwn(providers, name.provider) ? providers[name.provider] : undefined
    if (settings === undefined) return undefined
    const text = JSON.stringify([settings, name])
    if (kept?.text !== text) {
      const zone = openZone(settings, name.zone, bindings())
      kept = { text, zone: { read: readBy(zone, judge), apply: applyBy(zone, judge) } }
    }
    return kept.zone
  }
}

type Judge = (failure: DnsFailure | undefined) => void

function readBy(zone: DnsZone, judge: Judge): DnsZone['read'] {
  return async (keys) => {
    const asked = await zone.read(keys)
    if (!asked.ok) judge(asked.failure)
    return asked
  }
}

function applyBy(zone: DnsZone, judge: Judge): DnsZone['apply'] {
  return async (changes) => {
    const results = await zone.apply(changes)
    for (const result of results) judge('failure' in result ? result.failure : undefined)
    return results
  }
}
