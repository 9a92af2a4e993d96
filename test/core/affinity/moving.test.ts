import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { decide } from '../../../src/core/decide.ts'
import type { SteerDecision } from '../../../src/core/decision.ts'
import type { Observations } from '../../../src/core/observation.ts'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import type { Condition, Conditions } from '../../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { RequestFacts } from '../../../src/schema/facts.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../../support/builders.ts'

type AuthoredRoute = NonNullable<NonNullable<AuthoredConfig['routes']>[string]>
type Standing = z.input<typeof Condition>

const STEPS = [1, 10, 25, 50, 75, 100]
const CLIENTS = 500
const SINCE_MS = 1_000_000

function worldOf(route: Partial<AuthoredRoute>, conditions: z.input<typeof Conditions> = {}) {
  const config: AuthoredConfig = {
    pools: poolsOf({ a: ['a-1', 'a-2'], b: ['b-1', 'b-2'], c: ['c-1'] }),
    routes: { all: { steer: { policy: 'weighted', weights: { a: 2, b: 2, c: 1 } }, ...route } },
  }
  return snapshotOf(config, conditions)
}

/** Clients bound to an origin, one after the other, each with a request of its own chance. */
function boundTo(origin: string, facts: Partial<RequestFacts> = {}): RequestFacts[] {
  return Array.from({ length: CLIENTS }, (_, n) =>
    factsOf({
      client: { ip: `203.0.${n >> 8}.${n & 255}` },
      bond: { origin, boundAtMs: 1000 + 7 * n },
      random: ((n * 7919) % CLIENTS) / CLIENTS,
      nowMs: 2_000_000,
      ...facts,
    }),
  )
}

function free(facts: RequestFacts): RequestFacts {
  const { bond: _bond, ...rest } = facts
  return rest
}

const unseen = new WeakMap<Snapshot, Observations>()

function steered(snapshot: Snapshot, facts: RequestFacts): SteerDecision {
  const seen = unseen.get(snapshot) ?? observationsOf(snapshot)
  unseen.set(snapshot, seen)
  const decision = decide(facts, snapshot, seen)
  if (decision.type !== 'steer') throw new Error(`it is ${decision.type}`)
  return decision
}

function firstOf(snapshot: Snapshot, facts: RequestFacts): string {
  return steered(snapshot, facts).attempts[0]?.id ?? ''
}

/** How many of the clients meet the law, as a share. */
function shareOf(clients: readonly RequestFacts[], law: (facts: RequestFacts) => boolean): number {
  return clients.filter(law).length / clients.length
}

/** Whether it is one thing first and then, once and for all, the other. */
function turnsOnce(places: readonly boolean[]): boolean {
  return places.filter((place, at) => at > 0 && place !== places[at - 1]).length <= 1
}

/** Whether a client goes where those of `a-1` belong, as one that is bound nowhere. */
function arrivesAt(snapshot: Snapshot): (facts: RequestFacts) => boolean {
  return (facts) => firstOf(snapshot, free(facts)) === 'a-1'
}

/** Five standard deviations: one run in two million falls outside. */
function expectShare(seen: number, share: number): void {
  expect(Math.abs(seen - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / CLIENTS))
}

const temporary = { affinity: { type: 'cookie', failover: 'temporary' } } as const
const sticky = { affinity: { type: 'cookie' } } as const

/** The conditions while an origin, or its pool, comes back. */
function returning(of: 'origins' | 'pools', sharePercent: number): z.input<typeof Conditions> {
  const id = of === 'origins' ? 'a-1' : 'a'
  return { [of]: { [id]: { sharePercent, attempt: '1/0', keepsSinceMs: SINCE_MS } } }
}

describe.each(['origins', 'pools'] as const)('while a share of %s grows', (of) => {
  it('clients come back as it lets them, and none leaves again', () => {
    const clients = boundTo('a-1')
    const snapshots = STEPS.map((percent) => worldOf(temporary, returning(of, percent)))
    for (const [at, snapshot] of snapshots.entries()) {
      const share = (STEPS[at] ?? 0) / 100
      expectShare(
        shareOf(clients, (facts) => firstOf(snapshot, facts) === 'a-1'),
        share,
      )
    }
    const isMonotone = (facts: RequestFacts) =>
      turnsOnce([false, ...snapshots.map((snapshot) => firstOf(snapshot, facts) === 'a-1')])
    expect(shareOf(clients, isMonotone)).toBe(1)
  })

  it('a client that waits for its turn has one stand-in, whatever the chance of its requests', () => {
    const snapshot = worldOf(temporary, returning(of, 10))
    for (const facts of boundTo('a-1').slice(0, 100)) {
      const places = [0, 0.2, 0.4, 0.6, 0.8].map((random) =>
        firstOf(snapshot, { ...facts, random }),
      )
      expect(new Set(places).size).toBe(1)
    }
  })

  it('who was bound since it began stays from the first step', () => {
    const snapshot = worldOf(temporary, returning(of, 1))
    const clients = boundTo('a-1').map((facts) => {
      return { ...facts, bond: { origin: 'a-1', boundAtMs: SINCE_MS } }
    })
    expect(shareOf(clients, (facts) => firstOf(snapshot, facts) === 'a-1')).toBe(1)
  })

  it('with sticky whoever has to wait is bound anew, and not where it was', () => {
    const snapshot = worldOf(sticky, returning(of, 25))
    const isMoved = (facts: RequestFacts) => {
      const { attempts, affinity } = steered(snapshot, facts)
      return affinity?.binds === true && (attempts[0]?.id === 'a-1') === !affinity.left
    }
    expect(shareOf(boundTo('a-1'), isMoved)).toBe(1)
  })

  it('free clients come as they are let in, and the others are kept', () => {
    const standing: Standing = { sharePercent: 40, admitPercent: 10 }
    const snapshot = worldOf(sticky, { [of]: { [of === 'origins' ? 'a-1' : 'a']: standing } })
    const whole = worldOf(sticky)
    const clients = boundTo('a-1')
    expect(shareOf(clients, (facts) => firstOf(snapshot, facts) === 'a-1')).toBe(1)
    expectShare(shareOf(clients, arrivesAt(snapshot)), 0.1 * shareOf(clients, arrivesAt(whole)))
    // Where nobody is kept the share itself counts.
    const plain = worldOf({}, { [of]: { [of === 'origins' ? 'a-1' : 'a']: standing } })
    expectShare(shareOf(clients, arrivesAt(plain)), 0.4 * shareOf(clients, arrivesAt(whole)))
  })

  it('each decision says whom its request would go to in the end, kept or not', () => {
    const snapshot = worldOf(sticky, returning(of, 25))
    const whole = worldOf(sticky)
    for (const facts of boundTo('b-1').slice(0, 200)) {
      const natural = firstOf(whole, free(facts))
      expect(steered(snapshot, facts).natural?.id).toBe(natural)
      expect(steered(snapshot, free(facts)).natural?.id).toBe(natural)
      expect(steered(whole, facts)).not.toHaveProperty('natural')
    }
  })
})

describe.each(['origins', 'pools'] as const)('the drain of %s', (of) => {
  const id = of === 'origins' ? 'a-1' : 'a'
  const drain: Standing = { state: 'drain', drainFromMs: 1_000_000, drainUntilMs: 2_000_000 }
  const draining = { [of]: { [id]: drain } }

  it.each(['sticky', 'temporary', 'none'] as const)(
    'keeps its clients for nine tenths of its time; then they leave one by one: %s',
    (failover) => {
      const snapshot = worldOf({ affinity: { type: 'cookie', failover } }, draining)
      const clients = boundTo('a-1')
      const keptAt = (nowMs: number) => (facts: RequestFacts) =>
        steered(snapshot, { ...facts, nowMs }).affinity?.kept?.id === 'a-1'
      expect(shareOf(clients, keptAt(1_899_999))).toBe(1)
      expectShare(shareOf(clients, keptAt(1_925_000)), 0.75)
      expectShare(shareOf(clients, keptAt(1_950_000)), 0.5)
      expectShare(shareOf(clients, keptAt(1_990_000)), 0.1)
      expect(shareOf(clients, keptAt(2_000_000))).toBe(0)
      const times = [1.91, 1.93, 1.95, 1.97, 1.99]
      const leavesOnce = (facts: RequestFacts) =>
        turnsOnce([true, ...times.map((at) => keptAt(at * 1_000_000)(facts)), false])
      expect(shareOf(clients, leavesOnce)).toBe(1)
      const [facts = factsOf()] = clients
      const { affinity } = steered(snapshot, { ...facts, nowMs: 2_000_000 })
      expect(affinity).toMatchObject({ left: { why: { type: 'draining' } }, binds: true })
    },
  )

  it('takes no client that is free, and none that has left comes back', () => {
    const snapshot = worldOf(sticky, draining)
    const clients = boundTo('a-1', { nowMs: 1_990_000 })
    const isRight = (facts: RequestFacts) => {
      const { attempts, affinity } = steered(snapshot, facts)
      return (attempts[0]?.id === 'a-1') === (affinity?.kept?.id === 'a-1')
    }
    expect(shareOf(clients, isRight)).toBe(1)
    const lost = of === 'pools' ? ['a-1', 'a-2'] : ['a-1']
    expect(shareOf(clients, (facts) => lost.includes(firstOf(snapshot, free(facts))))).toBe(0)
  })

  it('goes on until its end where nobody said when it began', () => {
    const { drainFromMs: _from, ...sudden } = drain
    const snapshot = worldOf(sticky, { [of]: { [id]: sudden } })
    const [facts] = boundTo('a-1', { nowMs: 1_999_999 })
    if (!facts) throw new Error('there are clients')
    expect(firstOf(snapshot, facts)).toBe('a-1')
    expect(firstOf(snapshot, { ...facts, nowMs: 2_000_000 })).not.toBe('a-1')
  })
})
