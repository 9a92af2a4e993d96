import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import { originExclusion, poolExclusion } from '../../src/core/eligible.ts'
import { explain } from '../../src/core/explain.ts'
import { toSituation } from '../../src/core/situation.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import { Explanation } from '../../src/schema/explanation.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../support/builders.ts'
import { request, world, type World } from '../support/worlds.ts'

/** The ids of the origins that nothing excludes, in pools that nothing excludes. */
function faultless({ snapshot, observations }: World, facts: RequestFacts): string[] {
  const [{ route, steer } = {}] = snapshot.routes
  if (!route || !steer) return []
  const situation = toSituation(route, steer, { facts, snapshot, observations })
  return [...steer.pools, steer.fallback].flatMap((index) => {
    const pool = index === undefined ? undefined : snapshot.pools[index]
    if (!pool) return []
    const usable = pool.origins.filter((origin) => !originExclusion(origin, pool, situation))
    const excluded = poolExclusion({ pool, usable: usable.length }, situation)
    return excluded ? [] : usable.map(({ id }) => id)
  })
}

describe('decide', () => {
  it('depends on nothing but its inputs, and survives their trip through JSON', () => {
    fc.assert(
      fc.property(world, request, ({ snapshot, observations }, facts) => {
        const replayed = factsOf(JSON.parse(JSON.stringify(facts)))
        expect(decide(replayed, snapshot, observations)).toEqual(
          decide(facts, snapshot, observations),
        )
      }),
    )
  })

  it('sends nothing to an excluded origin while another may serve', () => {
    fc.assert(
      fc.property(world, request, (any, facts) => {
        const decision = decide(facts, any.snapshot, any.observations)
        const may = faultless(any, facts)
        const isPlain = decision.type === 'steer' && decision.tolerance === 'none'
        expect(isPlain).toBe(may.length > 0)
        const attempts = isPlain ? decision.attempts : []
        expect(may).toEqual(expect.arrayContaining(attempts.map(({ id }) => id)))
      }),
      { numRuns: 500 },
    )
  })

  it('sends nothing to an unhealthy origin while a healthy one of the route may be had', () => {
    fc.assert(
      fc.property(world, request, ({ snapshot, observations }, facts) => {
        const decision = decide(facts, snapshot, observations)
        if (decision.type !== 'steer' || decision.tolerance !== 'fail-open') return
        const pools = decision.route.steer?.pools.flatMap((index) => snapshot.pools[index] ?? [])
        const healthy = pools?.flatMap(({ standing, origins }) =>
          origins.filter((origin) =>
            [standing, origin.standing].every(
              (reason) => reason?.type !== 'unhealthy' && reason?.type !== 'maintenance',
            ),
          ),
        )
        const full = healthy?.filter(
          ({ index }) => (observations.origins[index]?.inFlight ?? 0) >= 20,
        )
        expect(full).toEqual(healthy)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes who waits for a first share before a pool that waits as well and is below its minimum', () => {
    const { eu } = poolsOf({ eu: ['eu-1', 'eu-2'] })
    const snapshot = snapshotOf(
      {
        pools: { ...poolsOf({ us: ['us-1'] }), eu: { origins: {}, ...eu, minimumOrigins: 2 } },
        routes: { all: { steer: { policy: 'failover', pools: ['eu', 'us'] } } },
      },
      {
        pools: { us: { sharePercent: 0 }, eu: { sharePercent: 0 } },
        origins: { 'eu-2': { health: 'unhealthy' } },
      },
    )
    const decision = decide(factsOf(), snapshot, observationsOf(snapshot))
    expect(decision).toMatchObject({ tolerance: 'last-resort', attempts: [{ id: 'us-1' }] })
  })

  it('never sends anything to maintenance or over a cap', () => {
    fc.assert(
      fc.property(world, request, ({ snapshot, observations }, facts) => {
        const decision = decide(facts, snapshot, observations)
        for (const origin of decision.type === 'steer' ? decision.attempts : []) {
          expect(origin.standing).not.toEqual({ type: 'maintenance' })
          expect(snapshot.pools.find(({ id }) => id === origin.pool)?.standing).not.toEqual({
            type: 'maintenance',
          })
          expect(observations.origins[origin.index]?.inFlight).toBeLessThan(20)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('lists attempts without repetition, up to the limit of the route', () => {
    fc.assert(
      fc.property(world, request, ({ snapshot, observations }, facts) => {
        const decision = decide(facts, snapshot, observations)
        if (decision.type !== 'steer') return
        const ids = decision.attempts.map(({ id }) => id)
        expect(ids.length).toBeGreaterThan(0)
        expect(ids.length).toBeLessThanOrEqual(decision.route.route.retry.attempts)
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })

  it('leaves the pool with its last attempt when another pool may serve', () => {
    const config = {
      pools: poolsOf({ a: ['a-1', 'a-2', 'a-3'], b: ['b-1'] }),
      routes: { all: { steer: { policy: 'failover' as const, pools: ['a', 'b'] } } },
    }
    const snapshot = snapshotOf(config)
    const decision = decide(factsOf(), snapshot, observationsOf(snapshot))
    const pools = decision.type === 'steer' ? decision.attempts.map(({ pool }) => pool) : []
    expect(pools).toEqual(['a', 'a', 'b'])
  })
})

describe('explain', () => {
  it('tells the decision that decide makes, in the shape of its schema', () => {
    fc.assert(
      fc.property(world, request, ({ snapshot, observations }, facts) => {
        const told = Explanation.parse(
          JSON.parse(JSON.stringify(explain(facts, snapshot, observations))),
        )
        const decision = decide(facts, snapshot, observations)
        const attempts = decision.type === 'steer' ? decision.attempts.map(({ id }) => id) : []
        expect(told.attempts).toEqual(attempts)
        for (const candidate of told.candidates) {
          const place = attempts.indexOf(candidate.origin)
          expect(candidate.attempt ?? 0).toBe(place + 1)
        }
      }),
    )
  })

  it('gives every exclusion with its reason and its numbers', () => {
    const config = {
      pools: poolsOf({ a: ['a-1', 'a-2'], b: ['b-1'] }),
      routes: {
        api: {
          match: { path: '/api/*' },
          steer: { policy: 'failover' as const, pools: ['a', 'b'] },
        },
        web: { steer: { policy: 'failover' as const, pools: ['b'] } },
      },
    }
    const snapshot = snapshotOf(config, {
      origins: { 'a-1': { health: 'unhealthy', evidence: '2 of 3 regions: refused', sinceMs: 7 } },
    })
    const seen = { 'a-2': { ejectedUntilMs: 31_000, ejectedFor: '5 gateway errors in a row' } }
    const facts = factsOf({ path: '/api/x', nowMs: 1000, client: { ip: '203.0.113.7' } })
    const { words } = explain(facts, snapshot, observationsOf(snapshot, seen))
    expect(words).toEqual([
      expect.stringMatching(/^Route web would match, but api goes first/),
      'GET https://www.example.com/api/x takes route api.',
      'Policy failover orders a, b; the key is client 203.0.113.7.',
      'Pool a: down: 0 usable of at least 1; 0 of 2 origins may serve.',
      'Pool b: 1 of 1 origins may serve.',
      'Origin a-1 is passed over: unhealthy: 2 of 3 regions: refused.',
      'Origin a-2 is passed over: ejected for another 30 s: 5 gateway errors in a row.',
      'It is sent to b-1.',
    ])
  })

  it('says by which weights a client goes while they are on their way, and why', () => {
    const weights = { a: 70, b: 30 }
    const config = {
      pools: poolsOf({ a: ['a-1'], b: ['b-1'], c: ['c-1'] }),
      routes: { web: { steer: { policy: 'weighted' as const, weights } } },
    }
    const facts = factsOf({ client: { ip: '203.0.113.7' } })
    const shiftAt = (percent: number) => {
      const snapshot = snapshotOf(config, { routes: { web: { weights: { b: 1, c: 3 }, percent } } })
      return explain(facts, snapshot, observationsOf(snapshot))
    }
    const bucketPercent = shiftAt(0).shift?.bucketPercent ?? 0
    const late = shiftAt(bucketPercent)
    expect(late.shift).toMatchObject({ by: 'configuration', weights: { a: 70, b: 30, c: 0 } })
    const first = shiftAt(100)
    expect(first.shift).toMatchObject({ by: 'target', weights: { a: 0, b: 1, c: 3 } })
    expect(first.words).toContain(
      `Of route web the weights are 100 % on their way; the key falls at ${bucketPercent.toFixed(2)} %, ` +
        'so it goes by the target: a 0, b 1, c 3 (the configuration has a 70, b 30, c 0).',
    )
    expect(explain(facts, snapshotOf(config), observationsOf(snapshotOf(config))).shift).toBe(
      undefined,
    )
  })

  it('says which route and why not the others when none matches', () => {
    const config = {
      pools: poolsOf({ a: ['a-1'] }),
      routes: {
        api: { match: { methods: ['POST'] }, steer: { policy: 'random' as const, pools: ['a'] } },
      },
    }
    const snapshot = snapshotOf(config)
    const told = explain(factsOf(), snapshot, observationsOf(snapshot))
    expect(told).toMatchObject({ decision: 'refuse', status: 404, refusal: { type: 'no-route' } })
    expect(told.routes).toEqual([
      { route: 'api', verdict: 'unmet', words: expect.stringContaining('POST') },
    ])
  })
})
