import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { decide } from '../../src/core/decide.ts'
import type { PoolObservation } from '../../src/core/observation.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../support/builders.ts'

type AuthoredRoute = NonNullable<NonNullable<AuthoredConfig['routes']>[string]>

const CLIENTS = 500

function snapshotFor(conditions: z.input<typeof Conditions>, route: Partial<AuthoredRoute> = {}) {
  const config: AuthoredConfig = {
    pools: poolsOf({ a: ['a-1', 'a-2'], b: ['b-1'] }),
    routes: {
      all: {
        steer: { policy: 'failover', pools: ['a', 'b'] },
        affinity: { type: 'cookie', failover: 'temporary' },
        ...route,
      },
    },
  }
  return snapshotOf(config, conditions)
}

const NEW = Array.from({ length: CLIENTS }, (_, n) =>
  factsOf({
    client: { ip: `203.0.${n >> 8}.${n & 255}` },
    random: ((n * 7919) % CLIENTS) / CLIENTS,
  }),
)
const BOUND = NEW.map((facts, n) => {
  return { ...facts, bond: { origin: n % 2 ? 'a-1' : 'a-2', boundAtMs: n } }
})

function isOnA(snapshot: Snapshot, facts: RequestFacts, seen?: PoolObservation): boolean {
  const pools = new Map(seen ? [[0, seen]] : [])
  const decision = decide(facts, snapshot, { ...observationsOf(snapshot), pools })
  return decision.type === 'steer' && decision.attempts[0]?.pool === 'a'
}

function expectShare(seen: number, share: number): void {
  const room = 5 * Math.sqrt((share * (1 - share)) / CLIENTS)
  expect(Math.abs(seen / CLIENTS - share)).toBeLessThanOrEqual(room)
}

describe('load that an operator takes off a pool', () => {
  it.each(['hash', 'random'] as const)(
    'is the percent of new clients that was told: by %s',
    (by) => {
      for (const newPercent of [0, 10, 50, 90, 100]) {
        const snapshot = snapshotFor({ pools: { a: { shed: { newPercent, by } } } })
        const stay = NEW.filter((facts) => isOnA(snapshot, facts)).length
        expectShare(stay, 1 - newPercent / 100)
        expect(BOUND.every((facts) => isOnA(snapshot, facts))).toBe(true)
      }
    },
  )

  it('is the percent of bound clients that was told, whom no other origin of the pool takes', () => {
    for (const sessionPercent of [10, 50, 100]) {
      const snapshot = snapshotFor({ pools: { a: { shed: { sessionPercent } } } })
      expectShare(BOUND.filter((facts) => isOnA(snapshot, facts)).length, 1 - sessionPercent / 100)
      expect(NEW.every((facts) => isOnA(snapshot, facts))).toBe(true)
    }
  })

  it('is the same clients each time by hash, more of them as the percent grows', () => {
    const snapshots = [10, 30, 60, 90].map((percent) =>
      snapshotFor({ pools: { a: { shed: { newPercent: percent, sessionPercent: percent } } } }),
    )
    const isSteady = (facts: RequestFacts) => {
      const stays = snapshots.map((snapshot) => isOnA(snapshot, facts))
      const again = snapshots.map((snapshot) => isOnA(snapshot, { ...facts, random: 0.123 }))
      return stays.every((stay, at) => stay === again[at] && (at === 0 || stays[at - 1] || !stay))
    }
    expect([...NEW, ...BOUND].every(isSteady)).toBe(true)
  })

  it('can be of one origin', () => {
    const snapshot = snapshotFor({ origins: { 'a-1': { shed: { newPercent: 100, by: 'hash' } } } })
    const ids = NEW.map((facts) => {
      const decision = decide(facts, snapshot, observationsOf(snapshot))
      return decision.type === 'steer' && decision.attempts[0]?.id
    })
    expect(new Set(ids)).toEqual(new Set(['a-2']))
  })

  it('spares what is critical', () => {
    const shed = { newPercent: 100, sessionPercent: 100 }
    const snapshot = snapshotFor({ pools: { a: { shed } } }, { criticality: 'critical' })
    const seen = { defaultPercent: 100, sheddablePercent: 100, why: 'slow' }
    expect([...NEW, ...BOUND].every((facts) => isOnA(snapshot, facts, seen))).toBe(true)
  })

  it('is refused rather than sent to the unhealthy while the pool serves others', () => {
    const shed = { newPercent: 50, sessionPercent: 0 }
    const open = snapshotFor({ pools: { a: { shed }, b: { health: 'unhealthy' } } })
    const decisions = NEW.map((facts) => decide(facts, open, observationsOf(open)))
    expect(decisions.some(({ type }) => type === 'steer')).toBe(true)
    const away = decisions.filter((decision) => decision.type !== 'steer')
    expect(away.length).toBeGreaterThan(0)
    for (const decision of away) expect(decision).toMatchObject({ reason: { type: 'overloaded' } })
    // Who is well, though draining, still takes it.
    const reserve = snapshotFor({ pools: { a: { shed }, b: { state: 'drain' } } })
    const all = NEW.map((facts) => decide(facts, reserve, observationsOf(reserve)).type)
    expect(new Set(all)).toEqual(new Set(['steer']))
  })

  it('is refused as overload where nobody else takes it, however far the panic rule goes', () => {
    const shed = { newPercent: 100, sessionPercent: 0 }
    const conditions = { pools: { a: { shed }, b: { health: 'unhealthy' as const } } }
    const one = snapshotFor(
      { pools: { a: { shed } } },
      { steer: { policy: 'failover', pools: ['a'] } },
    )
    const [facts = factsOf()] = NEW
    expect(decide(facts, one, observationsOf(one))).toMatchObject({
      type: 'refuse',
      reason: { type: 'overloaded', route: 'all', retryAfterMs: 10_000 },
    })
    const open = snapshotFor(conditions)
    expect(decide(facts, open, observationsOf(open))).toMatchObject({
      tolerance: 'fail-open',
      attempts: [{ id: 'b-1' }],
    })
  })

  it('goes to the pool that the route names for it', () => {
    const snapshot = snapshotFor(
      { pools: { a: { shed: { newPercent: 100 } } } },
      { steer: { policy: 'failover', pools: ['a'], fallback: 'b' } },
    )
    const [facts = factsOf()] = NEW
    expect(decide(facts, snapshot, observationsOf(snapshot))).toMatchObject({
      tolerance: 'none',
      attempts: [{ id: 'b-1' }],
    })
  })
})

describe('load that an isolate takes off a pool by itself', () => {
  const seen = { defaultPercent: 30, sheddablePercent: 80, why: 'p95 900 ms of 500 ms' }

  it.each([
    ['default', 0.7],
    ['sheddable', 0.2],
    ['critical', 1],
  ] as const)('is the percent of its class, of new clients alone: %s', (criticality, share) => {
    const snapshot = snapshotFor({}, { criticality })
    expectShare(NEW.filter((facts) => isOnA(snapshot, facts, seen)).length, share)
    expect(BOUND.every((facts) => isOnA(snapshot, facts, seen))).toBe(true)
  })
})

describe('an origin on trial', () => {
  it('takes as many requests at a time as it has trials, and is tried when nobody else may serve', () => {
    const snapshot = snapshotFor({}, { affinity: undefined })
    const trying = (trialsUnderWay: number, others = {}) => {
      const seen = { 'a-1': { trials: 2, trialsUnderWay }, ...others }
      const decision = decide(factsOf(), snapshot, observationsOf(snapshot, seen))
      if (decision.type !== 'steer') throw new Error('it is steered')
      return { tolerance: decision.tolerance, ids: decision.attempts.map(({ id }) => id) }
    }
    expect(trying(1).ids).toContain('a-1')
    expect(trying(2).ids).not.toContain('a-1')
    const out = { ejectedUntilMs: 1e15 }
    expect(trying(2, { 'a-2': out, 'b-1': out })).toMatchObject({ tolerance: 'last-resort' })
  })
})
