import { describe, expect, it } from 'vitest'
import { createIsolate, standingOf } from '../../src/proxy/isolate.ts'
import {
  createLedger,
  type Ledger,
  noteResult,
  takeTurns,
  tidyLedger,
} from '../../src/proxy/ledger.ts'
import { closeAttempt, openAttempt, renewAttempt } from '../../src/proxy/origin-record.ts'
import { openTrial, type Trial } from '../../src/proxy/trial.ts'
import type { OutlierEvent } from '../../src/state/outlier.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS } from './builders.ts'

function ledgerOf(difference: Difference, previous?: Ledger) {
  const snapshot = snapshotOf(configOf(difference))
  return { snapshot, ledger: createLedger(snapshot, previous) }
}

/** Lets an origin end so many attempts. */
function note(of: ReturnType<typeof ledgerOf>, at: number, results: Partial<Noted> = {}): void {
  const { event = 'failure', hasAnswered = true, count = 1, latencyMs, nowMs = NOW_MS } = results
  const origin = of.snapshot.origins[at]
  if (!origin) throw new Error(`no origin ${at}`)
  for (let made = 0; made < count; made += 1) {
    noteResult(of.ledger, origin, { event, hasAnswered, latencyMs, nowMs })
  }
}

interface Noted {
  readonly event: OutlierEvent
  readonly hasAnswered: boolean
  readonly count: number
  readonly latencyMs: number
  readonly nowMs: number
}

function ejected({ ledger }: { readonly ledger: Ledger }, nowMs = NOW_MS): string[] {
  return ledger.origins.filter(({ ejectedUntilMs }) => ejectedUntilMs > nowMs).map(({ id }) => id)
}

describe('ejection in a pool', () => {
  it.each([
    [1, ['a']],
    [2, ['a']],
    [3, ['a']],
    [4, ['a', 'b']],
    [5, ['a', 'b']],
  ])('of %i that answer takes at most half, but one', (size, out) => {
    const origins = ['a', 'b', 'c', 'd', 'e'].slice(0, size)
    const of = ledgerOf({ origins })
    for (const at of origins.keys()) note(of, at, { count: 5 })
    expect(ejected(of)).toEqual(out)
  })

  it('takes everyone who does not answer at all', () => {
    const of = ledgerOf({ origins: ['a', 'b', 'c'] })
    for (const at of [0, 1, 2]) note(of, at, { hasAnswered: false, count: 5 })
    expect(ejected(of)).toEqual(['a', 'b', 'c'])
  })

  it('has room again when one has come back', () => {
    const of = ledgerOf({ origins: ['a', 'b'] })
    note(of, 0, { count: 5 })
    note(of, 1, { count: 5, nowMs: NOW_MS + 31_000 })
    expect(ejected(of, NOW_MS + 31_000)).toEqual(['b'])
  })

  it('ends when the origin is no longer unhealthy, and for nobody else', () => {
    const isolate = createIsolate()
    const config = configOf({ origins: ['a', 'b', 'c'] })
    const ill = { health: 'unhealthy' as const }
    const both = snapshotOf(config, { origins: { a: ill, b: ill } })
    const { ledger } = standingOf(isolate, both, NOW_MS)
    const of = { snapshot: both, ledger }
    for (const at of [0, 1, 2]) note(of, at, { hasAnswered: false, count: 5 })
    const recovered = snapshotOf(config, { origins: { a: { sharePercent: 10 }, b: ill } })
    const later = standingOf(isolate, recovered, NOW_MS + 5000)
    expect(ejected(later, NOW_MS + 5000)).toEqual(['b', 'c'])
    expect(later.ledger.origins[0]?.ejections).toBe(1)
    const again = { hasAnswered: false, count: 5, nowMs: NOW_MS + 6000 }
    note({ snapshot: recovered, ledger: later.ledger }, 0, again)
    expect(later.ledger.origins[0]?.ejectedUntilMs).toBe(NOW_MS + 66_000)
  })

  it('ends when a ramp begins, also for who never heard of the loss', () => {
    const isolate = createIsolate()
    const config = configOf({ origins: ['a', 'b'] })
    const standing = standingOf(isolate, snapshotOf(config), NOW_MS)
    const of = { snapshot: standing.snapshot, ledger: standing.ledger }
    note(of, 0, { hasAnswered: false, count: 5 })
    const held = snapshotOf(config, { origins: { a: { sharePercent: 0 } } })
    expect(ejected(standingOf(isolate, held, NOW_MS + 1000), NOW_MS + 1000)).toEqual(['a'])
    const begun = snapshotOf(config, { origins: { a: { sharePercent: 10, attempt: '1/0' } } })
    const later = standingOf(isolate, begun, NOW_MS + 2000)
    expect(ejected(later, NOW_MS + 2000)).toEqual([])
    // What fails on its way is put aside as ever, and a step of the ramp alone does not bring it back.
    note({ ...of, ...later }, 0, { hasAnswered: false, count: 5, nowMs: NOW_MS + 3000 })
    const next = snapshotOf(config, { origins: { a: { sharePercent: 25, attempt: '1/0' } } })
    expect(ejected(standingOf(isolate, next, NOW_MS + 4000), NOW_MS + 4000)).toEqual(['a'])
    // A ramp that fell and stands where it stood, while nobody looked.
    const anew = snapshotOf(config, { origins: { a: { sharePercent: 25, attempt: '1/1' } } })
    expect(ejected(standingOf(isolate, anew, NOW_MS + 5000), NOW_MS + 5000)).toEqual([])
  })

  it('counts answers that are slower than the threshold', () => {
    const of = ledgerOf({ origins: ['a', 'b'], pool: { outlier: { slow: '100ms' } } })
    note(of, 0, { event: 'success', latencyMs: 100, count: 9 })
    note(of, 1, { event: 'success', latencyMs: 101, count: 5 })
    expect(ejected(of)).toEqual(['b'])
  })

  it('is over when the clock has jumped back behind it', () => {
    const of = ledgerOf({ origins: ['a', 'b'] })
    note(of, 0, { count: 5 })
    tidyLedger(of.ledger, NOW_MS - 3_600_000)
    expect(of.ledger.origins[0]?.ejectedUntilMs).toBe(0)
  })
})

/** An origin whose ejection of 30 s is over. */
function halfOpen(difference: Difference = {}) {
  const of = ledgerOf({ origins: ['a', 'b'], ...difference })
  note(of, 0, { count: 5 })
  const [record] = of.ledger.origins
  const [origin] = of.snapshot.origins
  if (!record || !origin) throw new Error('no origin')
  const nowMs = NOW_MS + 30_000
  const end = (event: OutlierEvent, trial: Trial | undefined) => {
    noteResult(of.ledger, origin, {
      event,
      hasAnswered: true,
      latencyMs: undefined,
      nowMs,
      trial,
    })
    trial?.close()
  }
  return { ...of, record, nowMs, end }
}

describe('after an ejection', () => {
  it('only so many may try it at a time, and as many successes make it as any other', () => {
    const { record, nowMs, end } = halfOpen()
    expect(record).toMatchObject({ trials: 3, trialsUnderWay: 0 })
    expect(openTrial(record, nowMs - 1)).toBeUndefined()
    const trials = [1, 2, 3].map(() => openTrial(record, nowMs))
    expect(record.trialsUnderWay).toBe(3)
    for (const trial of trials) end('success', trial)
    expect(record).toMatchObject({ trials: 0, trialsUnderWay: 0 })
    expect(openTrial(record, nowMs)).toBeUndefined()
  })

  it('one failure puts it aside for longer, and the trials of before say no more', () => {
    const { record, nowMs, end } = halfOpen()
    const [first, second] = [openTrial(record, nowMs), openTrial(record, nowMs)]
    end('failure', first)
    expect(record).toMatchObject({ ejectedUntilMs: nowMs + 60_000, ejections: 2, trials: 3 })
    record.outlier = { ...record.outlier, ejectedUntilMs: nowMs - 1 }
    end('failure', second)
    expect(record.ejections).toBe(2)
    expect(record.trialsUnderWay).toBe(0)
  })

  it('what began before it says nothing of now', () => {
    const { record, end } = halfOpen()
    for (let straggler = 0; straggler < 9; straggler += 1) end('failure', undefined)
    expect(record).toMatchObject({ ejections: 1, trials: 3 })
  })

  it('a trial that never ends gives its place back when no attempt can last longer', () => {
    const { ledger, record, nowMs } = halfOpen({ route: { timeouts: { firstByte: '10s' } } })
    tidyLedger(ledger, nowMs)
    for (const _ of [1, 2, 3]) openTrial(record, nowMs)
    tidyLedger(ledger, nowMs + 10_000)
    expect(record.trialsUnderWay).toBe(3)
    tidyLedger(ledger, nowMs + 20_000)
    expect(record.trialsUnderWay).toBe(0)
  })

  it('a recovery by probes needs no trials', () => {
    const isolate = createIsolate()
    const config = configOf({ origins: ['a', 'b'] })
    const ill = snapshotOf(config, { origins: { a: { health: 'unhealthy' } } })
    const { ledger } = standingOf(isolate, ill, NOW_MS)
    note({ snapshot: ill, ledger }, 0, { count: 5 })
    const later = standingOf(isolate, snapshotOf(config), NOW_MS + 31_000)
    expect(later.ledger.origins[0]).toMatchObject({ trials: 0, ejectedUntilMs: 0 })
  })
})

describe('what was seen', () => {
  it('is carried over by the name of the origin', () => {
    const before = ledgerOf({ origins: ['a', 'b', 'c'] })
    note(before, 1, { event: 'success', latencyMs: 40 })
    const after = ledgerOf({ origins: ['c', 'b'] }, before.ledger)
    const seen = after.ledger.origins.map(({ id, latencyMs }) => [id, latencyMs])
    expect(seen).toEqual([
      ['c', undefined],
      ['b', 40],
    ])
  })

  it('of latency moves towards what is seen now, the faster the longer ago the last was', () => {
    const of = ledgerOf({ origins: ['a'] })
    const latency = () => of.ledger.origins[0]?.latencyMs ?? Number.NaN
    note(of, 0, { event: 'success', latencyMs: 100 })
    note(of, 0, { event: 'success', latencyMs: 200, nowMs: NOW_MS + 1 })
    expect(latency()).toBeCloseTo(102, 0)
    note(of, 0, { event: 'success', latencyMs: 200, nowMs: NOW_MS + 10_001 })
    expect(latency()).toBeGreaterThan(160)
    note(of, 0, { event: 'success', latencyMs: 200, nowMs: NOW_MS + 100_001 })
    expect(latency()).toBeCloseTo(200, 0)
  })

  it('of turns is kept with the configuration and forgotten with another', () => {
    const group = {
      id: 'pool:main',
      salt: 0,
      ids: ['a', 'b'],
      hashes: [1, 2],
      weights: [1, 1],
      vectors: [],
    }
    const before = ledgerOf({ origins: ['a', 'b'] })
    takeTurns(before.ledger, [{ group, eligible: [0, 1], chosen: 0 }])
    expect(before.ledger.credits.get('pool:main')).toEqual([-1, 1])
    expect(createLedger(before.snapshot, before.ledger).credits.size).toBe(1)
    const other = { ...before.snapshot, form: 'another' }
    expect(createLedger(other, before.ledger).credits.size).toBe(0)
  })
})

function counted(pool: NonNullable<Difference['pool']>): string[] {
  return [...ledgerOf({ pool }).ledger.countedPools]
}

describe('requests in flight', () => {
  it('are counted from their beginning to their end, however often the end is told', () => {
    const { ledger } = ledgerOf({ origins: ['a'] })
    const [record] = ledger.origins
    if (!record) throw new Error('no origin')
    const opened = openAttempt(record)
    openAttempt(record)
    expect(record.inFlight).toBe(2)
    closeAttempt(opened)
    closeAttempt(opened)
    expect(record.inFlight).toBe(1)
  })

  it('are not forgotten as long as they are renewed', () => {
    const { ledger } = ledgerOf({ origins: ['a'], route: { timeouts: { firstByte: '10s' } } })
    const [record] = ledger.origins
    if (!record) throw new Error('no origin')
    const opened = openAttempt(record)
    for (let spans = 1; spans <= 5; spans += 1) {
      tidyLedger(ledger, NOW_MS + spans * 10_000)
      renewAttempt(opened)
      expect(record.inFlight).toBe(1)
    }
    // Late: it had been forgotten, and counts again.
    tidyLedger(ledger, NOW_MS + 60_000)
    tidyLedger(ledger, NOW_MS + 70_000)
    expect(record.inFlight).toBe(0)
    renewAttempt(opened)
    expect(record.inFlight).toBe(1)
    closeAttempt(opened)
    renewAttempt(opened)
    expect(record.inFlight).toBe(0)
  })

  it('are forgotten when they are older than an attempt can be', () => {
    const route = { timeouts: { firstByte: '10s' } }
    const { ledger } = ledgerOf({ origins: ['a'], route })
    const [record] = ledger.origins
    if (!record) throw new Error('no origin')
    tidyLedger(ledger, NOW_MS)
    openAttempt(record)
    tidyLedger(ledger, NOW_MS + 10_000)
    expect(record.inFlight).toBe(1)
    tidyLedger(ledger, NOW_MS + 20_000)
    expect(record.inFlight).toBe(0)
  })

  it('are watched closely only where they decide something', () => {
    expect(counted({})).toEqual([])
    expect(counted({ balance: { algorithm: 'least-connections' } })).toEqual(['main'])
    const origins = { a: { url: 'https://a.example', maxConnections: 5 } }
    expect(counted({ origins })).toEqual(['main'])
  })
})
