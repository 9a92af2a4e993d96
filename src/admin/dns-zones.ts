import type { RecordView, ZoneView } from '../schema/dns-answer.ts'
import type { DnsReconciled, ZoneRun, ZoneStanding } from '../schema/dns-report.ts'
import type { Dns, DnsRecord } from '../schema/dns.ts'
import { type ZoneName, toZoneId, zonesIn } from '../schema/dns-zone.ts'
import { findDocument } from './document.ts'
import { refuse } from './problem-details.ts'
import type { Parsed } from './query.ts'
import type { AdminDeps } from './resource.ts'

/** How long the object of a zone has for a look or a word, and for a run: longer than it waits for its end itself. */
export const ZONE_TIMEOUTS_MS = { look: 3000, run: 29_000 } as const

/** What a configuration says of records, all of them or a few. */
export type DnsPart = Pick<Dns, 'providers' | 'records'>

/** What the configuration in force says of DNS; or, of one record, of that one. */
export async function findDns(deps: AdminDeps, only?: string): Promise<Parsed<DnsPart>> {
  const found = await findDocument(deps)
  if (!found.ok) return found
  const { providers = {}, records = {} } = found.value.config.dns ?? {}
  if (only === undefined) return { ok: true, value: { providers, records } }
  const record = Object.hasOwn(records, only) ? records[only] : undefined
  if (record !== undefined) return { ok: true, value: { providers, records: { [only]: record } } }
  const detail = `there is no record "${only}" under "dns" in the configuration`
  return { ok: false, refusal: refuse('not-found', detail) }
}

/** What the object of a zone says, or why it says nothing. */
export type Look = ZoneName & ({ readonly view: ZoneView } | { readonly missing: string })

/** Looks at every zone in which these records are. One that does not answer costs only what it knows. */
export async function lookAt(dns: DnsPart, deps: AdminDeps): Promise<readonly Look[]> {
  return Promise.all(
    zonesIn(dns).map(async (zone) => {
      const called = await deps.zone(zone, ZONE_TIMEOUTS_MS.look).call('view', { zone })
      if (called.ok) return { ...zone, view: called.value }
      return { ...zone, missing: `the object of the zone: ${called.error.message}` }
    }),
  )
}

/** How the runs of a zone stand. */
export function toStanding({ provider, zone, ...look }: Look): ZoneStanding {
  if ('missing' in look) return { provider, zone, missing: look.missing }
  const { records: _, ...standing } = look.view
  return standing
}

/** A record as its zone knows it; one that was never compared as the configuration has it. */
export function toView(
  [id, record]: readonly [string, DnsRecord],
  looks: readonly Look[],
): RecordView {
  const { provider, zone, name, type, route } = record
  const look = looks.find((each) => toZoneId(each) === toZoneId(record))
  const views = look !== undefined && 'view' in look ? look.view.records : []
  const known = views.find((each) => each.id === id)
  return known ?? { id, provider, zone, name, type, route, degraded: false, difference: [] }
}

/** Has each zone run, or say what it would do, all at the same time. Of one record alone, only that is told. */
export async function reconcile(
  dns: DnsPart,
  how: { readonly dryRun: boolean; readonly only: string | undefined },
  deps: AdminDeps,
): Promise<DnsReconciled> {
  const { dryRun, only } = how
  const runs = await Promise.all(zonesIn(dns).map((zone) => runOne(zone, dryRun, deps)))
  return { dryRun, zones: only === undefined ? runs : runs.map((run) => narrow(run, only)) }
}

async function runOne(zone: ZoneName, dryRun: boolean, deps: AdminDeps): Promise<ZoneRun> {
  const called = await deps.zone(zone, ZONE_TIMEOUTS_MS.run).call('reconcile', { zone, dryRun })
  if (called.ok) return { ...zone, ...called.value }
  const { message } = called.error
  return { ...zone, outcome: 'unreachable', changes: [], held: [], detail: message }
}

function narrow({ changes, held, ...run }: ZoneRun, record: string): ZoneRun {
  return {
    ...run,
    changes: changes.filter((change) => change.record === record),
    held: held.filter((each) => each.record === record),
  }
}
