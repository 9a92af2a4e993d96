import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import { createLedger, type Ledger, tidyLedger } from '../../src/proxy/ledger.ts'
import { countLoad } from '../../src/proxy/shedding.ts'
import type { Criticality } from '../../src/schema/limit.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS } from './builders.ts'

const shedding = { p95Above: '300ms', window: '5s' } as const
const facts: RequestFacts = {
  method: 'GET',
  scheme: 'https',
  host: 'www.example.com',
  path: '/',
  headers: {},
  cookies: {},
  query: {},
  client: {},
  nowMs: NOW_MS,
  random: 0.5,
}

function ledgerOf(difference: Difference = {}, previous?: Ledger) {
  const snapshot = snapshotOf(configOf({ pool: { shedding }, ...difference }))
  return { snapshot, ledger: createLedger(snapshot, previous) }
}

interface Seen {
  readonly count: number
  readonly latencyMs: number
  readonly nowMs?: number
  readonly criticality?: Criticality
}

/** Lets so many requests end at the only origin. */
function see({ snapshot, ledger }: ReturnType<typeof ledgerOf>, seen: Seen): void {
  const { count, latencyMs, nowMs = NOW_MS, criticality = 'default' } = seen
  const decision = decide(facts, snapshot, createLedger(snapshot))
  if (decision.type !== 'steer') throw new Error('it does not steer')
  const [origin] = decision.attempts
  if (!origin) throw new Error('no origin')
  const { route } = decision
  const asked = { ...decision, route: { ...route, route: { ...route.route, criticality } } }
  for (let made = 0; made < count; made += 1) {
    const result = { event: 'success', latencyMs, nowMs } as const
    countLoad(ledger, { origin, decision: asked, result })
  }
}

describe('a pool that is too slow', () => {
  it('gives load away from the end of the window, in words and numbers', () => {
    const of = ledgerOf()
    see(of, { count: 20, latencyMs: 100, criticality: 'critical' })
    see(of, { count: 30, latencyMs: 600 })
    tidyLedger(of.ledger, NOW_MS + 4999)
    expect(of.ledger.pools.get(0)).toBeUndefined()
    tidyLedger(of.ledger, NOW_MS + 5000)
    const { why, sheddablePercent, defaultPercent } = of.ledger.pools.get(0) ?? {}
    expect(why).toBe('p95 about 709 ms of 50 answers, above 300 ms')
    // 10 points times 709/300, nobody sheddable: 24 of 50 are asked of the 30 that are default.
    expect(sheddablePercent).toBeCloseTo(23.6, 1)
    expect(defaultPercent).toBeCloseTo((23.63 * 50) / 30, 1)
  })

  it('takes it back while nobody comes at all', () => {
    const of = ledgerOf()
    see(of, { count: 30, latencyMs: 600 })
    tidyLedger(of.ledger, NOW_MS + 5000)
    expect(of.ledger.pools.size).toBe(1)
    tidyLedger(of.ledger, NOW_MS + 300_000)
    expect(of.ledger.pools.size).toBe(0)
  })

  it('is judged over a longer time where few requests come, and not by what it saw before a sleep', () => {
    const of = ledgerOf()
    see(of, { count: 10, latencyMs: 600 })
    tidyLedger(of.ledger, NOW_MS + 5000)
    see(of, { count: 9, latencyMs: 600, nowMs: NOW_MS + 6000 })
    tidyLedger(of.ledger, NOW_MS + 10_000)
    expect(of.ledger.pools.size).toBe(0)
    see(of, { count: 1, latencyMs: 600, nowMs: NOW_MS + 11_000 })
    tidyLedger(of.ledger, NOW_MS + 15_000)
    expect(of.ledger.pools.get(0)?.why).toContain('of 20 answers')
    const asleep = ledgerOf()
    see(asleep, { count: 30, latencyMs: 600 })
    tidyLedger(asleep.ledger, NOW_MS + 65_000)
    expect(asleep.ledger.pools.size).toBe(0)
  })

  it('goes on with another configuration that sheds as before, and begins anew with another', () => {
    const of = ledgerOf()
    see(of, { count: 30, latencyMs: 600 })
    tidyLedger(of.ledger, NOW_MS + 5000)
    const same = ledgerOf({ origins: ['b', 'c'] }, { ...of.ledger, form: 'another' })
    tidyLedger(same.ledger, NOW_MS + 5001)
    expect(same.ledger.pools.get(0)).toEqual(of.ledger.pools.get(0))
    const other = { pool: { shedding: { ...shedding, p95Above: '2s' } } } as const
    const anew = ledgerOf(other, { ...of.ledger, form: 'another' })
    tidyLedger(anew.ledger, NOW_MS + 5001)
    expect(anew.ledger.pools.size).toBe(0)
  })

  it('drops what it saw in a future that the clock has left', () => {
    const of = ledgerOf()
    see(of, { count: 30, latencyMs: 600, nowMs: NOW_MS + 3_600_000 })
    tidyLedger(of.ledger, NOW_MS)
    tidyLedger(of.ledger, NOW_MS + 5000)
    expect(of.ledger.pools.size).toBe(0)
  })
})

it('is not counted where the pool does not shed', () => {
  const of = ledgerOf({ pool: {} })
  see(of, { count: 30, latencyMs: 600 })
  expect(of.ledger.loads.size).toBe(0)
})
