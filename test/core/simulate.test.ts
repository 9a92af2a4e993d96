import { describe, expect, it } from 'vitest'
import { compile } from '../../src/core/compile.ts'
import { simulate, withLost } from '../../src/core/simulate.ts'
import type * as z from 'zod'
import { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { Simulation, SimulationQuestion } from '../../src/schema/simulation.ts'
import { checkInterlocks } from '../../src/state/interlock/interlock.ts'
import { toTrafficPicture, toTrafficShape } from '../../src/state/interlock/route-picture.ts'
import { documentOf, poolsOf } from '../support/builders.ts'

const POOLS = poolsOf({ eu: ['eu-1', 'eu-2'], us: ['us-1', 'us-2'], ap: ['ap-1'] })
const HOST = { host: 'www.example.com' }

type AuthoredRoute = NonNullable<AuthoredConfig['routes']>[string]
type Asked = Partial<Omit<z.input<typeof SimulationQuestion>, 'traffic' | 'config' | 'conditions'>>

interface World {
  readonly config: AuthoredConfig
  readonly draft?: AuthoredConfig
  readonly conditions?: z.input<typeof Conditions>
  readonly next?: z.input<typeof Conditions>
}

function routed(steer: AuthoredRoute['steer'], more: Partial<AuthoredRoute> = {}): AuthoredConfig {
  return { pools: POOLS, routes: { all: { steer, ...more } } }
}

/** Asks the question of a world, as the API does. */
function ask(
  { config, draft = config, conditions = {}, next = conditions }: World,
  asked: Asked & { readonly traffic?: z.input<typeof SimulationQuestion>['traffic'] } = {},
): Simulation {
  const traffic = asked.traffic ?? { type: 'generated' as const, requests: [HOST] }
  const question = SimulationQuestion.parse({ ...asked, traffic })
  const document = documentOf(draft, next)
  const lost = withLost(document.config, document.conditions, question.lost)
  const answer = simulate(question, {
    now: compile(documentOf(config, conditions)),
    next: compile({ ...document, conditions: lost }),
  })
  return Simulation.parse(answer)
}

function mixOf(seed: number) {
  return { type: 'generated' as const, seed, requests: [HOST] }
}

function poolShares({ pools }: Simulation): Record<string, readonly [number, number]> {
  return Object.fromEntries(
    pools.map(({ pool, beforePercent, afterPercent }) => [pool, [beforePercent, afterPercent]]),
  )
}

const weighted = routed({ policy: 'weighted', weights: { eu: 50, us: 30, ap: 20 } })

describe('a simulation', () => {
  it('finds nothing to move where nothing changes', () => {
    const answer = ask({ config: weighted })
    expect(answer.decided).toBe(2000)
    expect(answer).toMatchObject({ movedPercent: 0, moves: [], exceeded: [], refusals: [] })
    expect(answer.tolerances).toEqual([
      { tolerance: 'none', beforePercent: 100, afterPercent: 100 },
    ])
    const wanted = { eu: 50, us: 30, ap: 20 }
    for (const [pool, [before, after]] of Object.entries(poolShares(answer))) {
      expect(after).toBe(before)
      const share = wanted[pool as keyof typeof wanted]
      expect(Math.abs(before - share)).toBeLessThan(2 * answer.marginPercent)
    }
  })

  it('is the same for the same seed, and another for another', () => {
    const one = ask({ config: weighted }, { traffic: mixOf(7) })
    expect(ask({ config: weighted }, { traffic: mixOf(7) })).toEqual(one)
    expect(ask({ config: weighted }, { traffic: mixOf(8) })).not.toEqual(one)
  })

  it('moves only the clients of a lost region, to the others by their weight', () => {
    const answer = ask({ config: weighted }, { lost: { pools: ['eu'] } })
    const shares = poolShares(answer)
    expect(shares['eu']?.[1]).toBe(0)
    expect(answer.movedPercent).toBe(shares['eu']?.[0])
    expect(answer.moves.map(({ from, to }) => [from, to])).toEqual([
      [
        { type: 'pool', pool: 'eu' },
        { type: 'pool', pool: 'us' },
      ],
      [
        { type: 'pool', pool: 'eu' },
        { type: 'pool', pool: 'ap' },
      ],
    ])
    expect(Math.abs((shares['us']?.[1] ?? 0) - 60)).toBeLessThan(2 * answer.marginPercent)
  })

  it('sends a lost region of a failover route to the next pool as a whole, and says what that is too much for', () => {
    const pools = {
      ...POOLS,
      us: {
        origins: {
          'us-1': { url: 'https://us-1.example.com', capacity: 300 },
          'us-2': { url: 'https://us-2.example.com', capacity: 700 },
        },
      },
    }
    const config = {
      pools,
      routes: { all: { steer: { policy: 'failover' as const, pools: ['eu', 'us'] } } },
    }
    const answer = ask({ config }, { lost: { pools: ['eu'] }, requestsPerSecond: 1000 })
    expect(poolShares(answer)).toEqual({ eu: [100, 0], us: [0, 100], ap: [0, 0] })
    expect(answer.pools[1]).toMatchObject({ beforePerSecond: 0, afterPerSecond: 1000 })
    const rate = answer.origins.find(({ origin }) => origin === 'us-1')?.afterPerSecond
    expect(answer.exceeded).toEqual([
      { origin: 'us-1', pool: 'us', requestsPerSecond: rate, capacity: 300, wasExceeded: false },
    ])
    expect(Math.abs((rate ?? 0) - 500)).toBeLessThan(50)
  })

  it('tells that everyone is refused, and why, when no region is left', () => {
    const config = routed(
      { policy: 'failover', pools: ['eu', 'us'] },
      { panic: { rule: 'refuse' } },
    )
    const answer = ask({ config }, { lost: { pools: ['eu', 'us'] } })
    expect(answer.movedPercent).toBe(100)
    expect(answer.moves).toEqual([
      { from: { type: 'pool', pool: 'eu' }, to: { type: 'refused' }, percent: 100 },
    ])
    expect(answer.refusals).toEqual([
      {
        reason: { type: 'no-origin', route: 'all', excluded: 4, retryAfterMs: 10_000 },
        beforePercent: 0,
        afterPercent: 100,
        words: 'None of the 4 origins of route "all" may serve now.',
      },
    ])
  })

  it('tells when decisions fail open', () => {
    const config = routed({ policy: 'failover', pools: ['eu'] })
    const answer = ask({ config }, { lost: { pools: ['eu'] } })
    expect(answer.tolerances).toEqual([
      { tolerance: 'none', beforePercent: 100, afterPercent: 0 },
      { tolerance: 'fail-open', beforePercent: 0, afterPercent: 100 },
    ])
  })

  it('follows a ramp: a pool that comes back takes clients from where they were, and moves no other', () => {
    const before = { pools: { us: { sharePercent: 10 } } }
    const answer = ask({
      config: weighted,
      conditions: before,
      next: { pools: { us: { sharePercent: 25 } } },
    })
    const into = answer.moves.map(({ to }) => to)
    expect(into).toEqual([
      { type: 'pool', pool: 'us' },
      { type: 'pool', pool: 'us' },
    ])
    const [from = 0, to = 0] = poolShares(answer)['us'] ?? []
    expect(to - from).toBeCloseTo(answer.movedPercent, 6)
    expect(Math.abs(answer.movedPercent - 4.5)).toBeLessThan(2)
  })

  it('simulates a draft of a configuration', () => {
    const draft = routed({ policy: 'weighted', weights: { eu: 50, us: 50 } })
    const answer = ask({ config: weighted, draft })
    const shares = poolShares(answer)
    expect(shares['ap']?.[1]).toBe(0)
    const ways = answer.moves.map(({ from, to }) =>
      [from, to].map((end) => ('pool' in end ? end.pool : end.type)).join(' to '),
    )
    expect(new Set(ways)).toEqual(new Set(['ap to eu', 'ap to us', 'eu to us']))
  })

  it('puts clients at places as their weights say, to the client', () => {
    const config = routed({
      policy: 'geo',
      countries: { DE: ['eu'], US: ['us'] },
      default: ['ap'],
    })
    const places = [
      { country: 'DE', weight: 60 },
      { country: 'US', weight: 30 },
      { country: 'JP', weight: 10 },
    ]
    const traffic = { type: 'generated' as const, clients: 1000, places, requests: [HOST] }
    const answer = ask({ config }, { traffic, lost: { pools: ['us'] } })
    expect(poolShares(answer)).toEqual({ eu: [60, 60], us: [30, 0], ap: [10, 40] })
    expect(answer.movedPercent).toBe(30)
  })

  it('replays given requests by their weight', () => {
    const config = {
      pools: POOLS,
      routes: {
        api: {
          match: { path: '/api/*' },
          steer: { policy: 'failover' as const, pools: ['us', 'eu'] },
        },
        gone: { match: { path: '/old' }, respond: { status: 410 } },
      },
    }
    const requests = [
      { weight: 6, facts: { ...HOST, path: '/api/a' } },
      { weight: 3, facts: { ...HOST, path: '/old' } },
      { weight: 1, facts: { ...HOST, path: '/nowhere' } },
    ]
    const answer = ask(
      { config },
      { traffic: { type: 'given', requests }, lost: { pools: ['us'] } },
    )
    expect(poolShares(answer)).toEqual({ eu: [0, 60], us: [60, 0], ap: [0, 0] })
    expect(answer.movedPercent).toBe(60)
    expect(answer.refusals).toEqual([
      {
        reason: { type: 'no-route' },
        beforePercent: 10,
        afterPercent: 10,
        words: 'No route matches this host and path.',
      },
    ])
  })

  it('takes the turns of round-robin', () => {
    const config = routed({ policy: 'round-robin', pools: { eu: 3, us: 1 } })
    expect(poolShares(ask({ config }))).toMatchObject({ eu: [75, 75], us: [25, 25] })
  })

  it('keeps bound clients where they are, and moves them as drains and ramps do', () => {
    const config = routed(
      { policy: 'failover', pools: ['eu', 'us'] },
      { affinity: { type: 'cookie', failover: 'temporary' } },
    )
    const bond = { origin: 'us-1', boundAtMs: 500_000 }
    const traffic = { type: 'generated' as const, requests: [{ ...HOST, bond }], nowMs: 990_000 }
    const toUs = (next: z.input<typeof Conditions>, at = traffic) =>
      poolShares(ask({ config, next }, { traffic: at }))['us']
    expect(toUs({ pools: { us: { health: 'unhealthy' } } })).toEqual([100, 0])
    const drain = { state: 'drain', drainFromMs: 0, drainUntilMs: 1_000_000 } as const
    expect(toUs({ pools: { us: drain } }, { ...traffic, nowMs: 890_000 })).toEqual([100, 100])
    expect(toUs({ pools: { us: drain } }, { ...traffic, nowMs: 1_000_000 })).toEqual([100, 0])
    const half = toUs({ pools: { us: drain } }, { ...traffic, nowMs: 950_000 })?.[1] ?? 0
    expect(Math.abs(half - 50)).toBeLessThan(6)
    const back = { sharePercent: 25, keepsSinceMs: 600_000 }
    expect(Math.abs((toUs({ pools: { us: back } })?.[1] ?? 0) - 25)).toBeLessThan(6)
  })

  it('counts copies of mirrored requests as work', () => {
    const config = routed(
      { policy: 'failover', pools: ['eu'] },
      { mirror: { pool: 'ap', percent: 100 } },
    )
    const answer = ask({ config }, { requestsPerSecond: 100 })
    const mirrored = answer.pools.find(({ pool }) => pool === 'ap')
    expect(mirrored).toEqual({
      pool: 'ap',
      beforePercent: 0,
      afterPercent: 0,
      beforePerSecond: 100,
      afterPerSecond: 100,
    })
  })

  it('says within what its shares are right', () => {
    const traffic = { type: 'generated' as const, clients: 10_000, requests: [HOST] }
    expect(ask({ config: weighted }, { traffic }).marginPercent).toBe(0.98)
    const requests = [
      { weight: 99, facts: HOST },
      { weight: 1, facts: HOST },
    ]
    const given = ask({ config: weighted }, { traffic: { type: 'given', requests } })
    expect(given.marginPercent).toBe(97.02)
  })

  it('agrees with what the interlocks estimate', () => {
    const conditions: z.input<typeof Conditions>[] = [
      {},
      { pools: { us: { state: 'drain' } } },
      { pools: { us: { sharePercent: 25 } } },
      { pools: { us: { sharePercent: 25 }, ap: { sharePercent: 50 } } },
      { pools: { eu: { health: 'unhealthy' } } },
      { routes: { all: { weights: { eu: 10, us: 60, ap: 30 }, percent: 60 } } },
    ]
    const shape = toTrafficShape(documentOf(weighted).config)
    const rules = { maxChangePercent: 0, minCapacityPercent: 0 }
    const traffic = { type: 'generated' as const, clients: 1000, requests: [HOST] }
    for (const before of conditions) {
      for (const after of conditions) {
        const pictures = [before, after].map((each) =>
          toTrafficPicture(shape, Conditions.parse(each)),
        )
        const [last, next] = pictures
        if (!last || !next) throw new Error('two pictures')
        const [refusal] = checkInterlocks(last, next, rules)
        const estimated = refusal?.type === 'change-too-large' ? refusal.changePercent : 0
        const { pools, marginPercent } = ask(
          { config: weighted, conditions: before, next: after },
          { traffic },
        )
        const moved = pools.reduce(
          (sum, pool) => sum + Math.abs(pool.afterPercent - pool.beforePercent) / 2,
          0,
        )
        expect(Math.abs(estimated - moved)).toBeLessThan(2 * marginPercent)
      }
    }
  })
})
