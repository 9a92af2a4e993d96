import { describe, expect, it } from 'vitest'
import type { RecordSet, Variant } from '../../../src/schema/dns-record-set.ts'
import { differenceOf } from '../../../src/state/dns/difference.ts'
import type { History } from '../../../src/state/dns/guard.ts'
import { reconcile } from '../../../src/state/dns/reconcile.ts'
import { NOON_MS, OWNER, setOf, TERMS, wantedOf } from './records.ts'

const LONG_AGO_MS = NOON_MS - 86_400_000

/** Of a record that has long been wanted so, and was never changed. */
const HISTORY: History = {
  sinceMs: LONG_AGO_MS,
  otherSinceMs: LONG_AGO_MS,
  wellSinceMs: LONG_AGO_MS,
  answersAtMs: null,
  ttlAtMs: null,
  pause: null,
}

function guardOf(records: readonly string[], histories: Record<string, Partial<History>> = {}) {
  const terms = Object.fromEntries(records.map((record) => [record, TERMS]))
  const full = records.map((record) => [record, { ...HISTORY, ...histories[record] }] as const)
  return {
    terms: { owner: OWNER, maximumChanges: 3, applyMs: 60_000, checkMs: null, records: terms },
    frozen: {},
    histories: Object.fromEntries(full),
    nowMs: NOON_MS,
  }
}

function weighted(record: string, weights: Readonly<Record<string, number>>): RecordSet[] {
  return Object.entries(weights).map(([id, weight], at) => {
    const variant: Variant = { by: 'weight', id, weight }
    return setOf(record, [at + 1], { variant })
  })
}

function stepsTo(wanted: RecordSet[], sets: RecordSet[]): readonly string[] {
  const changes = differenceOf(wantedOf('www', [], { sets: wanted }), { sets, owner: OWNER })
  return changes.map(({ after }) => (after === undefined ? 'remove' : 'make'))
}

describe('what is to be changed', () => {
  it('is nothing where the same stands in another order, or with the fields of a variant in another', () => {
    const sets = weighted('www', { us: 70, eu: 30 })
    const actual = sets.toReversed().map((set): RecordSet => {
      const { weight = 0, id = '' } = set.variant?.by === 'weight' ? set.variant : {}
      return { ...set, values: set.values.toReversed(), variant: { weight, id, by: 'weight' } }
    })
    const wanted = [wantedOf('www', [], { sets })]
    expect(reconcile(wanted, actual, guardOf(['www']))).toEqual({ changes: [], held: [] })
  })

  it('comes before what goes, so that no answer is missing in between', () => {
    const wanted = wantedOf('www', [], { sets: weighted('www', { us: 70, ap: 10 }) })
    const sets = weighted('www', { us: 50, eu: 50 })
    const changes = differenceOf(wanted, { sets, owner: OWNER })
    const steps = changes.map(({ before, after }) => [before?.variant?.id, after?.variant?.id])
    expect(steps).toEqual([
      [undefined, 'ap'],
      ['us', 'us'],
      ['eu', undefined],
    ])
  })

  it('is first to remove one plain set where several are to take its place, and the other way round', () => {
    const plain = [setOf('www', [1])]
    const several = weighted('www', { us: 70, eu: 30 })
    expect(stepsTo(several, plain)).toEqual(['remove', 'make', 'make'])
    expect(stepsTo(plain, several)).toEqual(['remove', 'remove', 'make'])
  })

  it('is the mark alone where a record has another id now, at once and without the TTL', () => {
    const actual = [setOf('www', [1], { mark: { owner: OWNER, record: 'old' } })]
    const young = { answersAtMs: NOON_MS, ttlAtMs: NOON_MS }
    const { changes } = reconcile([wantedOf('www', [1])], actual, guardOf(['www'], { www: young }))
    expect(changes.map(({ after }) => after)).toEqual([setOf('www', [1])])
  })

  it('never counts a variant of no weight as an answer', () => {
    const sets = weighted('www', { us: 0, eu: 0 })
    const wanted = [wantedOf('www', [], { sets })]
    const { changes, held } = reconcile(wanted, weighted('www', { us: 1, eu: 1 }), guardOf(['www']))
    expect(changes).toEqual([])
    expect(held).toMatchObject([{ guard: 'minimum-answers' }])
  })

  it('is made where it leaves more than there were, though fewer than it should', () => {
    const guard = guardOf(['www'])
    const records = { www: { ...TERMS, minimumAnswers: 3 } }
    const terms = { ...guard.terms, records }
    const grown = reconcile([wantedOf('www', [1, 2])], [setOf('www', [1])], { ...guard, terms })
    expect(grown.changes.map(({ after }) => after)).toEqual([setOf('www', [1, 2])])
  })
})

describe('how much one run takes', () => {
  const ids = ['a', 'b', 'c', 'd']
  const wanted = ids.map((id) => wantedOf(id, [2]))
  const actual = ids.map((id) => setOf(id, [1]))

  it('is what has stood otherwise for longest', () => {
    const guard = guardOf(ids, { a: { otherSinceMs: NOON_MS - 1000, sinceMs: LONG_AGO_MS } })
    const { changes, held } = reconcile(wanted, actual, guard)
    expect(changes.map(({ record }) => record)).toEqual(['b', 'c', 'd'])
    expect(held).toMatchObject([{ record: 'a', guard: 'maximum-changes' }])
  })

  it('is a record whole, even one with more sets than a run may change', () => {
    const many = weighted('a', { us: 1, eu: 2, ap: 3, sa: 4 })
    const mixed = [wantedOf('a', [], { sets: many }), ...wanted.slice(1)]
    const { changes } = reconcile(mixed, actual.slice(1), guardOf(ids))
    expect(new Set(changes.map(({ record }) => record))).toEqual(new Set(['a']))
    expect(changes).toHaveLength(4)
  })

  it('is one that was refused by itself, when no other is due', () => {
    const failure = { kind: 'refused', detail: '422' } as const
    const pause = { failures: 1, sinceMs: 0, pauseMs: 0, failure, isConflict: false, isTold: false }
    const guard = guardOf(ids, { a: { pause }, b: { pause } })
    const first = reconcile(wanted, actual, guard)
    expect(first.changes.map(({ record }) => record)).toEqual(['c', 'd'])
    const later = reconcile(wanted.slice(0, 2), actual, guard)
    expect(later.changes.map(({ record }) => record)).toEqual(['a'])
  })
})

describe('a TTL', () => {
  it('is kept low with other answers until all has been well for a while', () => {
    const actual = [setOf('www', [1], { ttl: 30 })]
    const guard = guardOf(['www'], { www: { wellSinceMs: NOON_MS - 1000 } })
    const { changes } = reconcile([wantedOf('www', [2])], actual, guard)
    expect(changes.map(({ after }) => after)).toEqual([setOf('www', [2], { ttl: 30 })])
    const well = reconcile([wantedOf('www', [2])], actual, guardOf(['www']))
    expect(well.changes.map(({ after }) => after)).toEqual([setOf('www', [2])])
  })

  it('is no reason to write while other answers have to wait', () => {
    const wanted = [wantedOf('www', [2], { ttl: 30, degraded: true })]
    const guard = guardOf(['www'], { www: { sinceMs: NOON_MS, otherSinceMs: NOON_MS } })
    const { changes, held } = reconcile(wanted, [setOf('www', [1])], guard)
    expect(changes).toEqual([])
    expect(held).toMatchObject([{ guard: 'settling', untilMs: NOON_MS + TERMS.settleMs }])
  })

  it('alone waits for the hold time of any change, and answers for that of answers', () => {
    const lower = [wantedOf('www', [1], { ttl: 30, degraded: true })]
    const actual = [setOf('www', [1])]
    const answered = guardOf(['www'], { www: { answersAtMs: NOON_MS - 1000 } })
    expect(reconcile(lower, actual, answered)).toMatchObject({
      changes: [],
      held: [{ guard: 'hold-time' }],
    })
    const lowered = guardOf(['www'], { www: { ttlAtMs: NOON_MS - 1000 } })
    expect(reconcile(lower, actual, lowered).changes).toEqual([])
    expect(reconcile([wantedOf('www', [2])], actual, lowered).changes).toHaveLength(1)
    expect(reconcile([wantedOf('www', [2])], actual, answered).changes).toEqual([])
  })
})
