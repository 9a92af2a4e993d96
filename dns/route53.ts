import { companionName } from '../src/schema/dns-mark.ts'
import type { ProviderSettings } from '../src/schema/dns-provider.ts'
import type { RecordKey } from '../src/schema/dns-record-set.ts'
import type { Asked, DnsZone } from './provider.ts'
import { openApi, PATIENCE, startPace, type Ask, type Patience } from './route53/api.ts'
import { keysOf, makeChanges } from './route53/apply.ts'
import { findHostedZone } from './route53/hosted-zone.ts'
import { listNames, type HostedZone } from './route53/listing.ts'
import { toSituation, withMarks } from './route53/plan.ts'
import type { Standing } from './route53/record-set.ts'

/** A zone at Amazon Route 53. A TXT beside each name and type, `_portolan-a.www.example.com`, is its mark. */
export function openRoute53Zone(
  settings: ProviderSettings<'route53'>,
  zone: string,
  bindings: object,
): DnsZone {
  return openPatientZone({ settings, zone, bindings }, PATIENCE)
}

/** Where a zone is kept, and who asks. */
interface Account {
  readonly settings: ProviderSettings<'route53'>
  readonly zone: string
  readonly bindings: object
}

/** As `openRoute53Zone`, with another patience. */
export function openPatientZone(
  { settings, zone, bindings }: Account,
  patience: Patience,
): DnsZone {
  const pace = startPace(patience)
  let known: HostedZone | undefined
  const reach = async (ask: Ask): Promise<Asked<HostedZone>> => {
    const id = settings.zones[zone]
    if (id !== undefined) known = { id, name: zone }
    return known === undefined ? findHostedZone(ask, zone) : { ok: true, value: known }
  }
  const list = async (ask: Ask, keys: readonly RecordKey[]): Promise<Asked<Listed>> => {
    const reached = await reach(ask)
    if (!reached.ok) return reached
    const names = keys.flatMap((key) => [key.name, companionName(key)])
    const listed = await listNames(ask, reached.value, names)
    // A zone that was removed and made anew has another id.
    known = listed.ok ? reached.value : undefined
    return listed.ok ? { ok: true, value: { zone: reached.value, standing: listed.value } } : listed
  }
  return {
    async read(keys) {
      if (keys.length === 0) return { ok: true, value: [] }
      const listed = await list(openApi(settings, bindings, pace), keys)
      if (!listed.ok) return listed
      const { standing } = listed.value
      return { ok: true, value: keys.flatMap((key) => withMarks(toSituation(key, standing))) }
    },
    async apply(changes) {
      if (changes.length === 0) return []
      const endsAtMs = Date.now() + patience.writingMs
      const ask = openApi(settings, bindings, pace)
      const listed = await list(ask, keysOf(changes))
      if (!listed.ok) return changes.map(() => ({ outcome: 'failed', failure: listed.failure }))
      const { zone: hosted, standing } = listed.value
      const { inSync } = settings
      const { pollMs } = patience
      return makeChanges(changes, standing, { ask, zone: hosted, endsAtMs, inSync, pollMs })
    },
  }
}

interface Listed {
  readonly zone: HostedZone
  readonly standing: readonly Standing[]
}
