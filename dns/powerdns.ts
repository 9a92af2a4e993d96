import type { ProviderSettings } from '../src/schema/dns-provider.ts'
import type { ChangeResult, DnsChange, RecordKey, RecordSet } from '../src/schema/dns-record-set.ts'
import { WRITING_MS } from '../src/state/dns/terms.ts'
import { applyInOrder } from './apply-in-order.ts'
import { createPowerdnsApi, type PowerdnsApi } from './powerdns/api.ts'
import { findRecordSet, type PowerdnsZone, toRemoval, toReplacement } from './powerdns/rrset.ts'
import { readyToWrite } from './precondition.ts'
import type { Asked, DnsZone } from './provider.ts'

/** With more record sets than that one answer with the whole zone is cheaper than an answer for each. */
const MOST_SINGLE_READS = 60

/** The platform lets six connections wait for an answer at a time; a seventh would wait on the clock of its own timeout. */
const AT_ONCE = 6

/**
 * A zone of a PowerDNS server, by its HTTP API. The mark is a comment on the record set, written in the same
 * transaction. The API has no "only if it still stands so": each change is read right before it is written, and a
 * writer in between is overwritten. Changes are written one by one, since one that PowerDNS declines takes the whole
 * request with it.
 */
export function openPowerdnsZone(
  settings: ProviderSettings<'powerdns'>,
  zone: string,
  bindings: object,
): DnsZone {
  const api = createPowerdnsApi(settings, zone, bindings)
  return {
    read: (keys) => (keys.length > MOST_SINGLE_READS ? readWhole(api, keys) : readEach(api, keys)),
    apply: (changes) =>
      applyInOrder(changes, Date.now() + WRITING_MS, (change) => applyOne(api, change)),
  }
}

/**
 * One answer for each. Such an answer leaves disabled records out, though they stand: what it does not show is looked
 * for in the whole zone, lest it be taken for free.
 */
async function readEach(
  api: PowerdnsApi,
  keys: readonly RecordKey[],
): Promise<Asked<readonly RecordSet[]>> {
  const sets: RecordSet[] = []
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE)
    const answers = await Promise.all(some.map((key) => readSet(api, key)))
    for (const asked of answers) {
      if (!asked.ok) return asked
      if (!asked.value) return readWhole(api, keys)
      sets.push(asked.value)
    }
  }
  return { ok: true, value: sets }
}

async function readSet(api: PowerdnsApi, key: RecordKey): Promise<Asked<RecordSet | undefined>> {
  const asked = await api.readZone(key)
  return asked.ok ? { ok: true, value: findRecordSet(asked.value, key) } : asked
}

async function readWhole(
  api: PowerdnsApi,
  keys: readonly RecordKey[],
): Promise<Asked<readonly RecordSet[]>> {
  const asked = await api.readZone()
  if (!asked.ok) return asked
  const sets = keys.map((key) => findRecordSet(asked.value, key))
  return { ok: true, value: sets.filter((set) => set !== undefined) }
}

async function applyOne(api: PowerdnsApi, change: DnsChange): Promise<ChangeResult> {
  const key = change.after ?? change.before
  if (!key) return { outcome: 'done' }
  const shown = await api.readZone(key)
  const isShown = !shown.ok || findRecordSet(shown.value, key) !== undefined
  const asked = isShown ? shown : await api.readZone()
  if (!asked.ok) return { outcome: 'failed', failure: asked.failure }
  const ready = readyToWrite(change, findRecordSet(asked.value, key))
  if (ready.outcome !== 'write') return ready
  const obstacle = whyNotWrite(asked.value)
  if (obstacle !== undefined) {
    return { outcome: 'failed', failure: { kind: 'refused', detail: obstacle } }
  }
  return api.patch(change.after ? toReplacement(change.after, asked.value) : toRemoval(key))
}

/** PowerDNS takes changes that lead nowhere without a word. */
function whyNotWrite({ kind, soa_edit_api: raises }: PowerdnsZone): string | undefined {
  if (/^(slave|secondary|consumer)$/i.test(kind)) {
    return 'the zone is a copy on this server, and the next transfer would undo a change: give the address of its primary'
  }
  if (/^(master|primary|producer)$/i.test(kind) && raises === '') {
    return (
      'a change by the API does not raise the serial of this zone, so that its secondaries would never learn of it: ' +
      'set its "soa_edit_api", such as to "DEFAULT"'
    )
  }
  return undefined
}
