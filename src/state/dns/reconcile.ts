import type { Freeze, Held, Reconciliation } from '../../schema/dns-answer.ts'
import type { DnsChange, RecordSet, WantedRecord } from '../../schema/dns-record-set.ts'
import { differenceOf, isOfAnswers, isOfTtl } from './difference.ts'
import {
  answersHoldOf,
  barOf,
  held,
  type History,
  raiseHoldOf,
  type RecordGuard,
  strangerIn,
  ttlHoldOf,
} from './guard.ts'
import { keyText } from './record-set.ts'
import { ZONE } from './state.ts'
import type { ZoneTerms } from './terms.ts'

/** All that the guards of one run look at. */
interface RunGuard {
  readonly terms: ZoneTerms
  readonly frozen: Readonly<Record<string, Freeze>>
  readonly histories: Readonly<Record<string, History>>
  readonly nowMs: number
}

/**
 * The changes that make of what stands what is wanted, as far as the guards let them, and what is held by which
 * guard. Done twice, the second finds nothing.
 */
export function reconcile(
  wanted: readonly WantedRecord[],
  actual: readonly RecordSet[],
  guard: RunGuard,
): Reconciliation {
  const standing = byKey(actual)
  const verdicts = wanted.flatMap((each) => {
    const { record } = each
    const { [record]: terms } = guard.terms.records
    const { [record]: history } = guard.histories
    if (terms === undefined || history === undefined) return []
    const { owner } = guard.terms
    const sets = standing.get(keyText(each.key)) ?? []
    const { [record]: frozen } = guard.frozen
    const context = { wanted: each, sets, owner, terms, history, frozen, nowMs: guard.nowMs }
    return [{ ...judgeRecord(context), record, history }]
  })
  return chooseChanges(verdicts, guard)
}

function byKey(sets: readonly RecordSet[]): ReadonlyMap<string, readonly RecordSet[]> {
  const groups = new Map<string, RecordSet[]>()
  for (const set of sets) {
    const group = groups.get(keyText(set))
    if (group === undefined) groups.set(keyText(set), [set])
    else group.push(set)
  }
  return groups
}

interface Verdict {
  readonly changes: readonly DnsChange[]
  readonly held?: Held | undefined
}

function judgeRecord(guard: RecordGuard): Verdict {
  const { wanted, sets, owner } = guard
  const stranger = strangerIn(guard)
  if (stranger !== undefined) return { changes: [], held: stranger }
  if (wanted.hold !== undefined || wanted.sets.length === 0) {
    const words = wanted.hold ?? wanted.reason
    return { changes: [], held: held(wanted.record, 'nothing-known', words) }
  }
  const { aimed, late } = aimOf(guard)
  const changes = differenceOf(aimed, { sets, owner })
  if (changes.length === 0) return { changes, held: late }
  const bar = barOf(guard)
  if (bar !== undefined) return { changes: [], held: bar }
  if (!changes.some(isOfAnswers)) return judgeTtl(changes, guard)
  const hold = answersHoldOf(guard)
  // Another TTL goes with the answers: one write, and none before that they would have to wait for.
  return hold === undefined ? { changes } : { changes: [], held: hold }
}

/** What is wanted, but with the TTL that stands where that one must not be raised yet. */
function aimOf(guard: RecordGuard): { aimed: WantedRecord; late?: Held | undefined } {
  const { wanted, sets } = guard
  const lowest = Math.min(...sets.map(({ ttl }) => ttl))
  const isRaised = wanted.sets.some(({ ttl }) => ttl > lowest)
  const late = isRaised ? raiseHoldOf(guard) : undefined
  if (late === undefined) return { aimed: wanted }
  const kept = wanted.sets.map((set) => ({ ...set, ttl: Math.min(set.ttl, lowest) }))
  return { aimed: { ...wanted, sets: kept }, late }
}

function judgeTtl(changes: readonly DnsChange[], guard: RecordGuard): Verdict {
  const hold = changes.some(isOfTtl) ? ttlHoldOf(guard) : undefined
  return hold === undefined ? { changes } : { changes: [], held: hold }
}

interface Candidate extends Verdict {
  readonly record: string
  readonly history: History
}

/**
 * As many records as one run may change, each whole, those first that have stood otherwise for longest. One that was
 * refused goes by itself, so that it takes no other with it where a provider makes all changes or none.
 */
function chooseChanges(verdicts: readonly Candidate[], { terms, nowMs }: RunGuard): Reconciliation {
  const due = verdicts.filter((verdict) => verdict.changes.length > 0).toSorted(byUrgency)
  const sound = due.filter(({ history }) => history.pause?.failure.kind !== 'refused')
  const batch = sound.length > 0 ? sound : due.slice(0, 1)
  const changes: DnsChange[] = []
  const waiting = new Map<string, Held>()
  for (const each of due) {
    // A record with more sets than a run may change goes alone, or it would wait for ever.
    const isRoom =
      changes.length === 0 || changes.length + each.changes.length <= terms.maximumChanges
    if (isRoom && batch.includes(each)) changes.push(...each.changes)
    else waiting.set(each.record, waitingFor(each, nowMs))
  }
  const holds = verdicts.flatMap((verdict) => waiting.get(verdict.record) ?? verdict.held ?? [])
  return { changes, held: holds }
}

function byUrgency(left: Candidate, right: Candidate): number {
  const [leftMs, rightMs] = [left, right].map(({ history }) => history.otherSinceMs ?? Infinity)
  if (leftMs !== rightMs) return (leftMs ?? 0) < (rightMs ?? 0) ? -1 : 1
  return left.record < right.record ? -1 : 1
}

function waitingFor({ record }: Candidate, nowMs: number): Held {
  const words = 'waits for the next run: this one changes enough (maximumChanges)'
  return held(record, 'maximum-changes', words, nowMs + ZONE.nextRunMs)
}
