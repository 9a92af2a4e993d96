import type { DnsZone } from '../../dns/provider.ts'
import { wantedRecords } from '../../src/core/dns/wanted.ts'
import type {
  ChangeResult,
  DnsChange,
  DnsFailure,
  RecordKey,
  WantedRecord,
} from '../../src/schema/dns-record-set.ts'
import type { ZoneName } from '../../src/schema/dns-zone.ts'
import type { SnapshotDocument } from '../../src/schema/snapshot.ts'
import type { Survey, Wish } from '../../src/state/dns/event.ts'
import { initialTerms, toZoneTerms } from '../../src/state/dns/terms.ts'

/** What the document in force wants of a zone. Nothing, when it has no such zone or provider. */
export function toWish(document: SnapshotDocument, zone: ZoneName, nowMs: number): Wish {
  const { dns } = document.config
  const { generation } = document
  if (dns === undefined || !Object.hasOwn(dns.providers, zone.provider)) {
    return { generation, terms: initialTerms, wanted: [] }
  }
  const wanted = wantedRecords(document, zone, nowMs)
  return { generation, terms: toZoneTerms(dns, zone), wanted }
}

/** Whether what was read for one is all that the other needs. */
export function hasSameKeys({ wanted }: Wish, other: Wish): boolean {
  return JSON.stringify(keysOf(wanted, [])) === JSON.stringify(keysOf(other.wanted, []))
}

/** A survey, or why there is none. */
export type Surveyed =
  | { readonly ok: true; readonly survey: Survey }
  | { readonly ok: false; readonly failure: DnsFailure }

/** Reads what stands for what is wanted, and for keys beside it. */
export async function survey(
  wish: Wish,
  also: readonly RecordKey[],
  provider: DnsZone | undefined,
): Promise<Surveyed> {
  const keys = keysOf(wish.wanted, also)
  if (keys.length === 0) return { ok: true, survey: { ...wish, actual: [] } }
  // What was being written when the provider left the configuration is not gone for that.
  if (provider === undefined) return { ok: false, failure: NOBODY_LEFT }
  const read = await provider.read(keys)
  return read.ok ? { ok: true, survey: { ...wish, actual: read.value } } : read
}

/** Makes changes. Without the provider, which has left the configuration meanwhile, none of them is made. */
export async function applyChanges(
  changes: readonly DnsChange[],
  provider: DnsZone | undefined,
): Promise<readonly ChangeResult[]> {
  if (provider !== undefined) return provider.apply(changes)
  return changes.map(() => ({ outcome: 'failed', failure: NOBODY_LEFT }))
}

const NOBODY_LEFT: DnsFailure = {
  kind: 'refused',
  detail: 'the configuration has no such provider any more',
}

function keysOf(wanted: readonly WantedRecord[], also: readonly RecordKey[]): readonly RecordKey[] {
  const keys = new Map<string, RecordKey>()
  for (const { name, type } of [...wanted.map(({ key }) => key), ...also]) {
    keys.set(`${name} ${type}`, { name, type })
  }
  return [...keys.values()]
}
