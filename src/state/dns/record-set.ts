import type { RecordKey, RecordSet, Variant } from '../../schema/dns-record-set.ts'

/** Name and type in one word. */
export function keyText({ name, type }: RecordKey): string {
  return `${name} ${type}`
}

/** Which of several sets of one name and type: '' where there is one. */
export function variantOf({ variant }: Pick<RecordSet, 'variant'>): string {
  return variant?.id ?? ''
}

/** All that clients see of a set but its TTL, in one text. */
export function answersText(set: RecordSet): string {
  const { values, proxied = false } = set
  return JSON.stringify([keyText(set), variantText(set.variant), values.toSorted(), proxied])
}

/** Whether the same answers are given. */
export function isSameAnswers(left: readonly RecordSet[], right: readonly RecordSet[]): boolean {
  return joined(left, answersText) === joined(right, answersText)
}

/** Whether two sets, either of which may not be there, are the same in everything. */
export function isSameSet(left: RecordSet | undefined, right: RecordSet | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return wholeText(left) === wholeText(right)
}

/** Whether the same sets stand, in everything. */
export function isSameSets(left: readonly RecordSet[], right: readonly RecordSet[]): boolean {
  return left === right || joined(left, wholeText) === joined(right, wholeText)
}

/** How many different answers clients can get. */
export function countAnswers(sets: readonly RecordSet[]): number {
  const given = sets.filter(({ variant }) => variant?.by !== 'weight' || variant.weight > 0)
  return new Set(given.flatMap(({ values }) => values)).size
}

function wholeText(set: RecordSet): string {
  const { ttl, mark } = set
  return JSON.stringify([answersText(set), ttl, mark?.owner, mark?.record])
}

function joined(sets: readonly RecordSet[], text: (set: RecordSet) => string): string {
  return sets.map(text).toSorted().join('\n')
}

/** Providers and configurations name the fields of a variant in orders of their own. */
function variantText(variant: Variant | undefined): string {
  if (variant === undefined) return ''
  const fields = Object.entries(variant).filter(([, value]) => value !== undefined)
  return JSON.stringify(fields.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
