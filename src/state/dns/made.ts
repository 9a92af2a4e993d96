import type { DnsChange, RecordSet } from '../../schema/dns-record-set.ts'
import { isOfAnswers, isOfTtl } from './difference.ts'
import { isSameSet, keyText, variantOf } from './record-set.ts'
import { type Intent, type Moving, type RecordState, ZONE } from './state.ts'

/** What follows for a record from changes of it that were made; what stands now is known already. */
export function withMade(
  record: RecordState,
  changes: readonly DnsChange[],
  { nowMs, isChecked }: { readonly nowMs: number; readonly isChecked: boolean },
): RecordState {
  if (changes.length === 0) return record
  const key = keyText(record.wanted.key)
  // Of a name that the record had before its configuration changed only the log hears.
  const mine = changes.filter((change) => keyOf(change) === key)
  const intents = record.intents.filter(
    ({ change }) => !changes.some((made) => isSameChange(made, change)),
  )
  const moved = mine.filter(isOfAnswers)
  return {
    ...record,
    intents,
    answersAtMs: moved.length > 0 ? nowMs : record.answersAtMs,
    ttlAtMs: mine.some(isOfTtl) ? nowMs : record.ttlAtMs,
    lastChange: mine.length > 0 ? { atMs: nowMs, changes: [...mine] } : record.lastChange,
    moving: moved.length > 0 ? movingFrom(record, moved, { nowMs, isChecked }) : record.moving,
  }
}

/** What stands after a change. */
export function withChange(sets: readonly RecordSet[], { before, after }: DnsChange): RecordSet[] {
  const variants = [before, after].flatMap((set) => (set === undefined ? [] : [variantOf(set)]))
  const rest = sets.filter((set) => !variants.includes(variantOf(set)))
  return after === undefined ? rest : [...rest, after]
}

/** Whether what was begun stands now, among all sets that were read. */
export function isThere({ change }: Intent, actual: readonly RecordSet[]): boolean {
  return isSameSet(placeIn(actual, change), change.after)
}

/** Whether what a change begins from stood. */
export function wasThere(change: DnsChange, actual: readonly RecordSet[]): boolean {
  return isSameSet(placeIn(actual, change), change.before)
}

/** What stands in the place of a change. */
function placeIn(actual: readonly RecordSet[], change: DnsChange): RecordSet | undefined {
  const { before, after } = change
  const key = keyOf(change)
  const variant = variantOf(after ?? before ?? {})
  return actual.find((set) => keyText(set) === key && variantOf(set) === variant)
}

/** Name and type of the sets of a change. */
export function keyOf({ before, after }: DnsChange): string {
  const set = after ?? before
  return set === undefined ? '' : keyText(set)
}

/** Whether one has done what the other was to do. */
export function isSameChange(made: DnsChange, begun: DnsChange): boolean {
  if (keyOf(made) !== keyOf(begun) || !isSameSet(made.after, begun.after)) return false
  return variantOf(made.before ?? made.after ?? {}) === variantOf(begun.before ?? begun.after ?? {})
}

function movingFrom(
  { actual }: RecordState,
  moved: readonly DnsChange[],
  { nowMs, isChecked }: { readonly nowMs: number; readonly isChecked: boolean },
): Moving | null {
  if (!isChecked || !isComparable(actual)) return null
  const ttls = moved.flatMap(({ before, after }) => [before?.ttl ?? 0, after?.ttl ?? 0])
  return {
    sinceMs: nowMs,
    expected: [...actual],
    limitMs: 2000 * Math.max(...ttls) + ZONE.moveMarginMs,
    checks: 0,
    askedAtMs: null,
    dueAtMs: nowMs + ZONE.firstCheckMs,
    verdict: 'moving',
    targets: {},
  }
}

/** Whether answers can be told from the sets: a proxied one is answered with addresses of the provider. */
export function isComparable(sets: readonly RecordSet[]): boolean {
  return sets.length > 0 && !sets.some(({ proxied }) => proxied === true)
}
