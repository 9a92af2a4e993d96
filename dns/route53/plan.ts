import { companionName, parseMarkText, toMarkText } from '../../src/schema/dns-mark.ts'
import type {
  ChangeResult,
  DnsChange,
  DnsMark,
  RecordKey,
  RecordSet,
} from '../../src/schema/dns-record-set.ts'
import { readyToWrite } from '../precondition.ts'
import { isOfKey, toXml, type Standing } from './record-set.ts'
import { childOf, element, type XmlElement } from './xml.ts'

/** All that stands of one name and type, and the TXT beside it that says whose it is. */
export interface Situation {
  readonly key: RecordKey
  readonly sets: readonly Standing[]
  readonly companion: Standing | undefined
}

/** What becomes of changes of one name and type. */
export interface Plan {
  /** Of each change; undefined where that hangs on the write. */
  readonly results: readonly (ChangeResult | undefined)[]
  /** Each `Change` of the write; empty where there is nothing to write. */
  readonly write: readonly XmlElement[]
}

/** How long others may keep a mark. It changes next to never. */
const MARK_TTL = 300

/** What stands of a key among record sets of many names. */
export function toSituation(key: RecordKey, standing: readonly Standing[]): Situation {
  const companionKey = { name: companionName(key), type: 'TXT' } as const
  return {
    key,
    sets: standing.filter(({ set }) => isOfKey(set, key)),
    companion: standing.find(({ set }) => isOfKey(set, companionKey)),
  }
}

/** The record sets with their mark. One that we could not write as it is has none, whatever stands beside it. */
export function withMarks(situation: Situation): readonly RecordSet[] {
  const mark = markOf(situation)
  return situation.sets.map(({ set, isForeign }) => (mark && !isForeign ? { ...set, mark } : set))
}

function markOf({ companion }: Situation): DnsMark | undefined {
  const [text = '', ...more] = companion?.set.values ?? []
  return more.length === 0 && companion?.isForeign === false ? parseMarkText(text) : undefined
}

/**
 * Plans changes of one name and type so that Route 53 itself refuses them when anything has changed since: each set
 * is taken away with the very values that it was seen with and made anew, never `UPSERT`ed over what another has
 * written meanwhile. The mark goes and comes back in the same batch though it stay the same: only so is it certain
 * that it still stands. All that goes, goes first, since two variants may change places.
 */
export function planChanges(changes: readonly DnsChange[], situation: Situation): Plan {
  // Each is held against what stands after those before it: one may remove what another makes anew.
  let sets = withMarks(situation)
  const judged = changes.map((change) =>
    toParts(change).map((part) => {
      const result = judge(part, { ...situation, marked: sets })
      if (result === undefined) sets = without(part, sets)
      return { part, result }
    }),
  )
  const results = judged.map((parts) => {
    const inDoubt = parts.find(({ result }) => result?.outcome === 'conflict')
    return (inDoubt ?? parts.find(({ result }) => result === undefined) ?? parts[0])?.result
  })
  const doubt = results.find((result) => result?.outcome === 'conflict')
  // The sets of one name are one decision: while one is in doubt, none is written.
  if (doubt) return { results: results.map((result) => result ?? doubt), write: [] }
  const open = judged.flat().filter(({ result }) => result === undefined)
  const write = toWrite(
    open.map(({ part }) => part),
    situation,
  )
  return { results, write: open.length > 0 ? write : [] }
}

/** A set that becomes another variant goes in one place and comes in another. */
function toParts(change: DnsChange): readonly DnsChange[] {
  const { before, after, ...rest } = change
  if (!before || !after || isSamePlace(before, after)) return [change]
  return [
    { ...rest, before },
    { ...rest, after },
  ]
}

/** What can be said of a change before it is written; undefined when it is to be written. */
function judge(
  change: DnsChange,
  situation: Situation & { readonly marked: readonly RecordSet[] },
): ChangeResult | undefined {
  const set = change.after ?? change.before
  const now = set && situation.marked.find((other) => isSamePlace(other, set))
  const readiness = readyToWrite(change, now)
  if (readiness.outcome !== 'write') return readiness
  return set?.mark && judgeOwner(set.mark, situation)
}

function without({ before }: DnsChange, sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.filter((set) => before === undefined || !isSamePlace(set, before))
}

function judgeOwner(mark: DnsMark, situation: Situation): ChangeResult | undefined {
  const { key, sets, companion } = situation
  const what = `${key.type} ${key.name}`
  const owner = markOf(situation)?.owner
  if (owner === undefined && companion !== undefined) {
    return toConflict(`${what}: the TXT ${companion.set.name} beside it is no mark`)
  }
  if (owner !== undefined && owner !== mark.owner) {
    return toConflict(`${what} belongs to "${owner}", as the TXT beside it says`)
  }
  const isShared = sets.some(({ isForeign }) => isForeign || owner === undefined)
  return isShared ? toConflict(`${what}: there is a record set that is not ours`) : undefined
}

function toConflict(detail: string): ChangeResult {
  return { outcome: 'conflict', detail: detail.slice(0, 1024) }
}

function toWrite(changes: readonly DnsChange[], situation: Situation): readonly XmlElement[] {
  const { key, sets, companion } = situation
  const gone = changes.flatMap(({ before }) => findAt(before, sets))
  const made = changes.flatMap(({ before, after }) => {
    const keep = findAt(before, sets).flatMap(({ xml }) => childOf(xml, 'HealthCheckId') ?? [])
    return after ? [withHealthCheck(after, keep)] : []
  })
  const text = changes.flatMap(({ after }) => (after?.mark ? [toMarkText(after.mark)] : []))[0]
  const value = text === undefined ? companion?.set.values[0] : `"${text}"`
  const marks = value === undefined || sets.length - gone.length + made.length === 0 ? [] : [value]
  const name = companionName(key)
  return [
    ...[...gone, ...(companion ? [companion] : [])].map(({ xml }) => toChange('DELETE', xml)),
    ...marks.map((mark) =>
      toChange('CREATE', toXml({ name, type: 'TXT', ttl: MARK_TTL, values: [mark] })),
    ),
    ...made.map((xml) => toChange('CREATE', xml)),
  ]
}

function findAt(set: RecordSet | undefined, sets: readonly Standing[]): readonly Standing[] {
  return set === undefined ? [] : sets.filter((other) => isSamePlace(other.set, set))
}

/** A health check that an operator has put on a variant stays on it. Those of failover records are ours to say. */
function withHealthCheck(set: RecordSet, kept: readonly XmlElement[]): XmlElement {
  const xml = toXml(set)
  const isKept = set.variant !== undefined && set.variant.by !== 'failover'
  return isKept ? element(xml.name, [...xml.children, ...kept]) : xml
}

function toChange(action: 'DELETE' | 'CREATE', xml: XmlElement): XmlElement {
  return element('Change', [element('Action', action), xml])
}

/** Whether both are the one set that is not a variant, or the same variant. */
function isSamePlace(one: RecordSet, other: RecordSet): boolean {
  return one.variant?.id === other.variant?.id
}
