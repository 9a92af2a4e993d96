import { describe, expect, it } from 'vitest'
import {
  type CacheSight,
  isByFallback,
  isRevalidationDue,
  isRouteOut,
  situationOf,
} from '../../src/core/cache-situation.ts'
import { decide } from '../../src/core/decide.ts'
import type { OriginObservation } from '../../src/core/observation.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../support/builders.ts'

const NOW_MS = 1_000_000

type Panic = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['panic']>

interface Case {
  readonly conditions?: Parameters<typeof snapshotOf>[1]
  readonly seen?: Readonly<Record<string, Partial<OriginObservation>>>
  readonly lastOutMs?: number
  readonly panic?: Panic
  readonly fallback?: 'page' | 'eu'
}

/** Two regions of one route that is cached, and a page that stands in for them where the case wants one. */
function stage({ conditions, seen, lastOutMs, panic, fallback }: Case) {
  const snapshot = snapshotOf(
    {
      pools: poolsOf({ eu: ['eu-1', 'eu-2'], us: ['us-1'], page: ['page-1'] }),
      routes: {
        all: {
          steer: {
            policy: 'failover',
            pools: ['eu', 'us'],
            ...(fallback && { fallback }),
          },
          cache: {},
          ...(panic && { panic }),
        },
      },
    },
    conditions,
  )
  const observations = observationsOf(snapshot, seen)
  const sight: CacheSight = { snapshot, observations, nowMs: NOW_MS, lastOutMs }
  const decision = decide(factsOf({ nowMs: NOW_MS }), snapshot, observations)
  const [route] = snapshot.routes
  if (!route) throw new Error('there is one route')
  return { sight, decision, before: situationOf(route, sight) }
}

/** How the route stands for a request that has been decided. */
function situationIn(given: Case) {
  const { decision, sight, before } = stage(given)
  return isRouteOut(decision, sight) ? { state: 'out' } : before
}

const unhealthy = (...ids: readonly string[]) => ({
  origins: Object.fromEntries(ids.map((id) => [id, { health: 'unhealthy' as const }])),
})
const everyone = ['eu-1', 'eu-2', 'us-1'] as const
const ejected = { ejectedUntilMs: NOW_MS + 20_000, ejectedFor: '5 failures in a row', trials: 3 }
const ejectedAll = Object.fromEntries(everyone.map((id) => [id, ejected]))
const returning = (sharePercent: number, sinceMs: number) => {
  return { sharePercent, attempt: `${sinceMs}/0`, keepsSinceMs: sinceMs }
}

describe('the situation of a cached route', () => {
  it('is well while somebody may serve and nobody comes back', () => {
    expect(stage({}).before).toEqual({ state: 'well' })
    expect(situationIn({ conditions: unhealthy('eu-1', 'eu-2') })).toEqual({ state: 'well' })
    expect(situationIn({ seen: { 'eu-1': ejected } })).toEqual({ state: 'well' })
    const drained = Object.fromEntries(everyone.map((id) => [id, { state: 'drain' as const }]))
    expect(situationIn({ conditions: { origins: drained } })).toEqual({ state: 'well' })
  })

  it('is out when only the panic rule would serve, whatever it is', () => {
    const conditions = unhealthy(...everyone)
    expect(situationIn({ conditions, panic: { rule: 'fail-open' } })).toEqual({ state: 'out' })
    expect(situationIn({ conditions, panic: { rule: 'refuse' } })).toEqual({ state: 'out' })
    expect(situationIn({ conditions, fallback: 'page' })).toEqual({ state: 'out' })
  })

  it('is out when everybody is in maintenance', () => {
    const states = Object.fromEntries(everyone.map((id) => [id, { state: 'maintenance' as const }]))
    expect(situationIn({ conditions: { origins: states } })).toEqual({ state: 'out' })
  })

  it('is out when this isolate has put everybody aside, before anybody else knows', () => {
    expect(situationIn({ seen: ejectedAll })).toEqual({ state: 'out' })
    expect(situationIn({ seen: ejectedAll, fallback: 'page' })).toEqual({ state: 'out' })
  })

  it('is recovering while a ramp brings somebody back, since it began', () => {
    const conditions = { pools: { us: returning(10, 700_000) } }
    expect(stage({ conditions }).before).toEqual({ state: 'recovering', sinceMs: 700_000 })
    expect(situationIn({ conditions })).toEqual({ state: 'recovering', sinceMs: 700_000 })
    const last = { origins: { 'us-1': returning(100, 600_000) } }
    expect(stage({ conditions: last }).before).toEqual({ state: 'recovering', sinceMs: 600_000 })
  })

  it('counts from the longest return that is under way', () => {
    const conditions = { pools: { eu: returning(50, 900_000), us: returning(10, 700_000) } }
    expect(stage({ conditions }).before).toEqual({ state: 'recovering', sinceMs: 700_000 })
  })

  it('lets one that waits for its first share count only when nobody is well', () => {
    const waiting = { us: returning(0, 700_000) }
    expect(stage({ conditions: { pools: waiting } }).before).toEqual({ state: 'well' })
    const all = { pools: { ...waiting, eu: returning(0, 800_000) } }
    expect(stage({ conditions: all }).before).toEqual({ state: 'recovering', sinceMs: 700_000 })
    expect(situationIn({ conditions: all })).toEqual({ state: 'recovering', sinceMs: 700_000 })
  })

  it('does not take one for returning that is still unhealthy, or drains', () => {
    const held = { ...returning(0, 700_000), health: 'unhealthy' as const }
    expect(stage({ conditions: { pools: { us: held } } }).before).toEqual({ state: 'well' })
    const leaving = { us: { sharePercent: 40 } }
    expect(stage({ conditions: { pools: leaving } }).before).toEqual({ state: 'well' })
  })

  it('is recovering while single requests try one that this isolate had put aside', () => {
    const tried = { 'us-1': { ejectedUntilMs: 990_000, trials: 3 } }
    expect(stage({ seen: tried }).before).toEqual({ state: 'recovering', sinceMs: 990_000 })
    const forgotten = { 'us-1': { ejectedUntilMs: 0, trials: 3 } }
    expect(stage({ seen: forgotten }).before).toEqual({ state: 'recovering', sinceMs: 0 })
    const conditions = { pools: { eu: returning(10, 700_000) } }
    const both = stage({ seen: forgotten, conditions })
    expect(both.before).toEqual({ state: 'recovering', sinceMs: 700_000 })
  })

  it('is recovering for the window of the route when it was out a moment ago, ramp or none', () => {
    expect(stage({ lastOutMs: 999_000 }).before).toEqual({ state: 'recovering', sinceMs: 999_000 })
    expect(stage({ lastOutMs: NOW_MS - 120_000 }).before).toEqual({ state: 'well' })
    const conditions = { pools: { us: returning(10, 700_000) } }
    const both = stage({ conditions, lastOutMs: 950_000 })
    expect(both.before).toEqual({ state: 'recovering', sinceMs: 950_000 })
  })
})

describe('the pool that stands in', () => {
  it('is known by its answers, unless it is one of the route as well', () => {
    const out = stage({ conditions: unhealthy(...everyone), fallback: 'page' })
    const well = stage({ fallback: 'page' })
    const isBy = ({ decision, sight }: typeof out) =>
      decision.type === 'steer' && isByFallback(decision, sight.snapshot)
    const member = stage({ fallback: 'eu' })
    expect([isBy(out), isBy(well), isBy(member)]).toEqual([true, false, false])
  })
})

describe('revalidation while somebody comes back', () => {
  const keys = Array.from({ length: 10_000 }, (_, at) => `GET https://www.example.com/page-${at}`)
  const spread = { staleSinceMs: 400_000, sinceMs: NOW_MS, windowMs: 600_000 }

  it('is spread evenly over the window, from the moment the return began', () => {
    let known = 0
    const perMinute = Array.from({ length: 10 }, (_, minute) => {
      const nowMs = NOW_MS + (minute + 1) * 60_000
      const due = keys.filter((key) => isRevalidationDue(key, { ...spread, nowMs })).length
      const now = due - known
      known = due
      return now
    })
    expect(known).toBe(keys.length)
    // Four standard deviations of chance around a tenth.
    for (const count of perMinute) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  it('begins for none before the return, and for what runs out later when it does', () => {
    const early = keys.filter((key) =>
      isRevalidationDue(key, { ...spread, nowMs: NOW_MS + 1000, staleSinceMs: NOW_MS + 900 }),
    )
    expect(early.length).toBeLessThan(10)
    const before = { ...spread, nowMs: NOW_MS - 1 }
    expect(keys.filter((key) => isRevalidationDue(key, before))).toEqual([])
  })

  it('is due at once where there is no window', () => {
    const none = { ...spread, windowMs: 0, nowMs: NOW_MS }
    expect(isRevalidationDue('any', none)).toBe(true)
  })
})
