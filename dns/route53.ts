import { companionName } from '../src/schema/dns-mark.ts'
import type { ProviderSettings } from '../src/schema/dns-provider.ts'
import { RecordSet, type DnsFailure, type RecordKey } from '../src/schema/dns-record-set.ts'
import type { Asked, DnsZone } from './provider.ts'
import { openApi, PATIENCE, type Ask, type Patience } from './route53/api.ts'
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
  let known: HostedZone | undefined
  const reach = async (ask: Ask): Promise<Asked<HostedZone>> => {
    const id = settings.zones[zone]
    if (id !== undefined) return { ok: true, value: { id, name: zone } }
    if (known !== undefined) return { ok: true, value: known }
    const found = await findHostedZone(ask, zone)
    if (found.ok) known = found.value
    return found
  }
  // A zone that was made anew has another id.
  const forget = ({ kind }: DnsFailure): void => {
    if (kind === 'no-zone') known = undefined
  }
  const list = async (ask: Ask, keys: readonly RecordKey[]): Promise<Asked<Listed>> => {
    const reached = await reach(ask)
    if (!reached.ok) return reached
    const names = keys.flatMap((key) => [key.name, companionName(key)])
    const listed = await listNames(ask, reached.value, names)
    if (listed.ok) return { ok: true, value: { zone: reached.value, standing: listed.value } }
    forget(listed.failure)
    return listed
  }
  return {
    async read(keys) {
      const listed = await list(openApi(settings, bindings, patience), keys)
      return listed.ok ? toRecordSets(keys, listed.value) : listed
    },
    async apply(changes) {
      const ask = openApi(settings, bindings, patience)
      const listed = await list(ask, keysOf(changes))
      if (!listed.ok) return changes.map(() => ({ outcome: 'failed', failure: listed.failure }))
      const means = { ask, inSync: settings.inSync, pollMs: patience.pollMs }
      const results = await makeChanges(changes, listed.value, means)
      for (const result of results) if (result.outcome === 'failed') forget(result.failure)
      return results
    },
  }
}

interface Listed {
  readonly zone: HostedZone
  readonly standing: readonly Standing[]
}

function toRecordSets(
  keys: readonly RecordKey[],
  { zone, standing }: Listed,
): Asked<readonly RecordSet[]> {
  const sets = keys.flatMap((key) => withMarks(toSituation(key, standing)))
  const parsed = RecordSet.array().safeParse(sets)
  if (parsed.success) return { ok: true, value: parsed.data }
  const detail = `listing the records of "${zone.name}": a record set is of no known form`
  return { ok: false, failure: { kind: 'garbled', detail } }
}
