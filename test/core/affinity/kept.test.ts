import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/core/decide.ts'
import type { Decision, SteerDecision } from '../../../src/core/decision.ts'
import type { Conditioned, Snapshot } from '../../../src/core/snapshot.ts'
import type { RequestFacts } from '../../../src/schema/facts.ts'
import { IDS, mostly, request, type World, worldOf } from '../../support/worlds.ts'

const NOW_MS = 1000
const FAILOVERS = ['sticky', 'temporary', 'none'] as const
const SINCE_MS = 500

const condition = fc
  .record({
    health: mostly('healthy' as const, fc.constantFrom('unhealthy', 'unknown')),
    state: mostly('ready' as const, fc.constantFrom('drain', 'maintenance')),
    sharePercent: mostly(100, fc.constantFrom(0, 10, 50)),
    drainUntilMs: fc.constantFrom(undefined, 500, NOW_MS, 1050, 9000),
    keepsSinceMs: fc.constantFrom(undefined, SINCE_MS),
    sessionPercent: mostly(0, fc.constantFrom(30, 100)),
  })
  .map(({ drainUntilMs, keepsSinceMs, sessionPercent, ...rest }) => ({
    ...rest,
    ...(drainUntilMs !== undefined && { drainFromMs: 0, drainUntilMs }),
    ...(keepsSinceMs !== undefined && { keepsSinceMs }),
    ...(sessionPercent > 0 && { shed: { sessionPercent } }),
  }))

const observation = fc.record({
  inFlight: mostly(0, fc.constantFrom(19, 20)),
  ejectedUntilMs: mostly(0, fc.constant(5000)),
  trials: mostly(0, fc.constant(2)),
  trialsUnderWay: fc.constantFrom(1, 2),
})

const boundWorld = worldOf({
  route: fc
    .record({
      failover: fc.constantFrom(...FAILOVERS),
      criticality: mostly('default' as const, fc.constant('critical')),
    })
    .map(({ failover, criticality }) => ({
      affinity: { type: 'cookie' as const, failover },
      criticality,
    })),
  condition,
  observation,
})

type BoundFacts = RequestFacts & { readonly bond: NonNullable<RequestFacts['bond']> }

/** A request of every client that there may be: bound to each origin, some time ago and of late. */
function clientsOf(facts: RequestFacts): BoundFacts[] {
  return IDS.flatMap((origin) =>
    [100, 700].map((boundAtMs) => ({ ...facts, nowMs: NOW_MS, bond: { origin, boundAtMs } })),
  )
}

/** Holds a law against what is decided for every client of many worlds. */
function everywhere(law: (facts: BoundFacts, decision: Decision, any: World) => void): void {
  const property = fc.property(boundWorld, request, (any, facts) => {
    for (const client of clientsOf(facts)) {
      law(client, decide(client, any.snapshot, any.observations), any)
    }
  })
  fc.assert(property, { numRuns: 80 })
}

/** What the rules say of a bond: undefined where it is up to the bucket of the client. */
function mayStay(world: World, facts: RequestFacts): boolean | undefined {
  const { snapshot, observations } = world
  const origin = snapshot.origins.find(({ id }) => id === facts.bond?.origin)
  const pool = snapshot.pools.find(({ id }) => id === origin?.pool)
  if (!origin || !pool) throw new Error('a bond leads somewhere')
  const seen = observations.origins[origin.index]
  if (!seen) throw new Error('every origin is observed')
  const isEjected = seen.ejectedUntilMs > NOW_MS
  const isFull = seen.inFlight >= 20
  const isTried = seen.trials > 0 && seen.trialsUnderWay >= seen.trials
  if (isEjected || isFull || isTried) return false
  const isCritical = snapshot.routes[0]?.route.criticality === 'critical'
  const verdicts = [origin, pool].flatMap((each) => [
    staysByStanding(each),
    staysByShare(each, facts.bond?.boundAtMs ?? 0),
    isCritical ? true : byPercent(100 - (each.shed?.sessionPercent ?? 0)),
  ])
  if (verdicts.includes(false)) return false
  return verdicts.includes(undefined) ? undefined : true
}

function staysByStanding({ standing, drain }: Conditioned): boolean | undefined {
  if (standing?.type === 'maintenance' || standing?.type === 'unhealthy') return false
  if (standing?.type !== 'draining' || !drain || drain.untilMs === 9000) return true
  return drain.untilMs <= NOW_MS ? false : undefined
}

function staysByShare(
  { keepsSinceMs, sharePercent }: Conditioned,
  boundAtMs: number,
): boolean | undefined {
  if (keepsSinceMs === undefined) return true
  if (sharePercent === 0) return false
  return boundAtMs >= SINCE_MS ? true : byPercent(sharePercent)
}

function byPercent(percent: number): boolean | undefined {
  if (percent === 0) return false
  return percent === 100 ? true : undefined
}

/** The pool to which only a fallback leads: nobody belongs there, but as long as it is needed. */
function isSpare({ bond }: BoundFacts): boolean {
  return bond.origin === 'd-1'
}

function unboundPool({ bond: _bond, ...facts }: BoundFacts, { snapshot, observations }: World) {
  const decision = decide(facts, snapshot, observations)
  return decision.type === 'steer' ? decision.attempts[0]?.pool : undefined
}

function failoverOf({ routes }: Snapshot) {
  return routes[0]?.route.affinity?.failover
}

function idsOf({ attempts }: SteerDecision): string[] {
  return attempts.map(({ id }) => id)
}

describe('a bound client', () => {
  it('is kept exactly as long as the rules let it stay', () => {
    const seen = new Set<boolean | undefined>()
    everywhere((facts, decision, any) => {
      const kept = decision.type === 'steer' && decision.affinity?.kept !== undefined
      const isNeeded = !isSpare(facts) || unboundPool(facts, any) === 'd'
      const rule = isNeeded ? mayStay(any, facts) : false
      seen.add(rule)
      expect(kept).toBe(rule ?? kept)
    })
    expect(seen).toEqual(new Set([true, false, undefined]))
  })

  it('has its own origin first when it is kept, and behind it nobody who is excluded', () => {
    everywhere((facts, decision, { snapshot, observations }) => {
      if (decision.type !== 'steer' || !decision.affinity?.kept) return
      const [first, ...others] = idsOf(decision)
      expect(first).toBe(facts.bond.origin)
      expect(decision).toMatchObject({ tolerance: 'none', turns: [] })
      const { route } = decision.route
      const { bond: _bond, ...free } = facts
      const wide = { ...route, affinity: undefined, retry: { ...route.retry, attempts: 8 } }
      const routes = [{ ...decision.route, route: wide }]
      const unbound = decide(free, { ...snapshot, routes }, observations)
      const may = unbound.type === 'steer' && unbound.tolerance === 'none' ? idsOf(unbound) : []
      // With `temporary` it is another key that lets clients in to a share.
      const strangers = failoverOf(snapshot) === 'temporary' ? [] : others
      expect(may).toEqual(expect.arrayContaining(strangers))
      expect(failoverOf(snapshot) === 'none' && !isSpare(facts) ? others : []).toEqual([])
    })
  })

  it('meets no origin twice, and no more than the route lets it', () => {
    everywhere((_facts, decision) => {
      if (decision.type !== 'steer') return
      const ids = idsOf(decision)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.length).toBeGreaterThan(0)
      expect(ids.length).toBeLessThanOrEqual(decision.route.route.retry.attempts)
    })
  })

  it('never meets the origin that it has to leave, unless nobody else may serve: then first', () => {
    const places = new Set<number>()
    everywhere((facts, decision) => {
      if (decision.type !== 'steer' || !decision.affinity?.left) return
      const place = idsOf(decision).indexOf(facts.bond.origin)
      places.add(place)
      expect(place).toBeLessThanOrEqual(decision.tolerance === 'none' ? -1 : 0)
    })
    expect(places).toEqual(new Set([-1, 0]))
  })

  it('is bound anew, sent on for a while or refused as its failover says', () => {
    everywhere((facts, decision, { snapshot }) => {
      const failover = failoverOf(snapshot)
      const isOut = decision.type === 'refuse' && decision.reason.type === 'session-out'
      expect(isOut ? failover : 'none').toBe('none')
      if (decision.type !== 'steer') return
      const { affinity } = decision
      const isGone = affinity?.left?.why.type === 'draining' || isSpare(facts)
      expect(affinity?.binds).toBe(failover === 'sticky' || isGone)
      // With `none` nobody is sent elsewhere but from a drain that is over.
      expect(failover === 'none' && !affinity?.kept ? isGone : true).toBe(true)
    })
  })
})
