import type { ChangeResult, DnsChange, RecordKey } from '../../src/schema/dns-record-set.ts'
import { planChanges, toSituation, type Plan } from './plan.ts'
import type { Standing } from './record-set.ts'
import { watchChanges, writeUnits, type Unit, type Writing, type Written } from './write.ts'

/** Changes of one name and type. */
interface Group {
  readonly key: RecordKey
  readonly changes: readonly DnsChange[]
}

/** The names and types that changes are about, in order, none twice. */
export function keysOf(changes: readonly DnsChange[]): readonly RecordKey[] {
  return toGroups(changes).map(({ key }) => key)
}

/** How changes are made: until when they are written, and how long they are watched. */
export interface Making extends Writing {
  readonly inSync: number
  readonly pollMs: number
}

/** Makes changes of a zone in which this stands, and waits until all servers have them. */
export async function makeChanges(
  changes: readonly DnsChange[],
  standing: readonly Standing[],
  making: Making,
): Promise<readonly ChangeResult[]> {
  const planned = toGroups(changes).map(({ key, changes: members }) => {
    const plan = planChanges(members, toSituation(key, standing))
    return { members, plan, unit: toUnit(members, plan) }
  })
  const units = planned.flatMap(({ unit }) => unit ?? [])
  const written = await writeUnits(making, units)
  const sent = [...written.values()].filter((one) => one.outcome === 'sent')
  const tookMs = await watchChanges(making.ask, sent, making)
  const results = new Map<DnsChange, ChangeResult>()
  for (const { members, plan, unit } of planned) {
    const result = toResult(unit && written.get(unit), tookMs)
    members.forEach((change, at) => results.set(change, plan.results[at] ?? result))
  }
  return changes.map((change) => results.get(change) ?? { outcome: 'done' })
}

function toGroups(changes: readonly DnsChange[]): readonly Group[] {
  const groups = new Map<string, { key: RecordKey; changes: DnsChange[] }>()
  for (const change of changes) {
    const set = change.before ?? change.after
    if (set === undefined) continue // Nothing is to become nothing: it has.
    const { name, type } = set
    const group = groups.get(`${type} ${name}`) ?? { key: { name, type }, changes: [] }
    groups.set(`${type} ${name}`, group)
    group.changes.push(change)
  }
  return [...groups.values()]
}

function toUnit(members: readonly DnsChange[], { write }: Plan): Unit | undefined {
  return write.length > 0 ? { record: members[0]?.record ?? '', changes: write } : undefined
}

function toResult(written: Written | undefined, tookMs: ReadonlyMap<string, number>): ChangeResult {
  if (written?.outcome !== 'sent') return written ?? { outcome: 'done' }
  const propagatedMs = tookMs.get(written.id)
  return { outcome: 'done', ...(propagatedMs !== undefined && { propagatedMs }) }
}
