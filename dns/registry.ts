import type { DnsProvider, ProviderSettings } from '../src/schema/dns-provider.ts'
import { RecordSet } from '../src/schema/dns-record-set.ts'
import { openCloudflareZone } from './cloudflare.ts'
import { openPowerdnsZone } from './powerdns.ts'
import type { Asked, DnsZone } from './provider.ts'
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

/**
 * The zone of a name at a provider. Nothing is asked before the first `read` or `apply`. What is read is of the form of
 * its schema: it is kept, and what is not could not be loaded again.
 */
export function openZone<Type extends ProviderType>(
  settings: ProviderSettings<Type>,
  zone: string,
  bindings: object,
): DnsZone {
  const opened = OPENERS[settings.type](settings, zone, bindings)
  return {
    async read(keys) {
      const asked = await opened.read(keys)
      return asked.ok ? parseSets(asked.value) : asked
    },
    apply: (changes) => opened.apply(changes),
  }
}

function parseSets(sets: readonly RecordSet[]): Asked<readonly RecordSet[]> {
  for (const set of sets) {
    const { error } = RecordSet.safeParse(set)
    const [issue] = error?.issues ?? []
    if (issue === undefined) continue
    const what = `${set.name} ${set.type}, ${issue.path.join('.')}: ${issue.message}`
    const detail = `a record set that stands is of no known form: ${what}`.slice(0, 1024)
    return { ok: false, failure: { kind: 'garbled', detail } }
  }
  return { ok: true, value: sets }
}
