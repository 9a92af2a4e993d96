import type { DnsProvider, ProviderSettings } from '../src/schema/dns-provider.ts'
import { openCloudflareZone } from './cloudflare.ts'
import { openPowerdnsZone } from './powerdns.ts'
import type { DnsZone } from './provider.ts'
import { openRfc2136Zone } from './rfc2136.ts'
import { openRoute53Zone } from './route53.ts'

type ProviderType = DnsProvider['type']

/** Makes a zone of one kind of provider from its settings. */
export type OpenZone<Type extends ProviderType> = (
  settings: ProviderSettings<Type>,
  zone: string,
  bindings: object,
) => DnsZone

const OPENERS: { readonly [Type in ProviderType]: OpenZone<Type> } = {
  cloudflare: openCloudflareZone,
  powerdns: openPowerdnsZone,
  rfc2136: openRfc2136Zone,
  route53: openRoute53Zone,
}

/** The zone of a name at a provider. Nothing is asked before the first `read` or `apply`. */
export function openZone<Type extends ProviderType>(
  settings: ProviderSettings<Type>,
  zone: string,
  bindings: object,
): DnsZone {
  return OPENERS[settings.type](settings, zone, bindings)
}
