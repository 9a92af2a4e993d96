import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { compile } from '../../src/core/compile.ts'
import { decide } from '../../src/core/decide.ts'
import { simulate } from '../../src/core/simulate.ts'
import { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { SimulationQuestion } from '../../src/schema/simulation.ts'
import { documentOf, factsOf, observationsOf } from '../support/builders.ts'

type Steer = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['steer']>
type Balance = NonNullable<NonNullable<AuthoredConfig['pools']>[string]['balance']>

const STEPS = [0, 10, 25, 50, 75, 100]
const IDS = ['a', 'b', 'c', 'd']

/** Requests of clients all over the world, each with its own draw of chance. */
const REQUESTS = Array.from({ length: 400 }, (_, n) =>
  factsOf({
    client: {
      ip: `203.0.${n >> 8}.${n & 255}`,
      country: n % 3 === 0 ? 'DE' : 'US',
      location: { latitude: ((n * 37) % 180) - 90, longitude: ((n * 101) % 360) - 180 },
    },
    random: ((n * 7919) % 400) / 400,
  }),
)

/** Where each request goes first, under each of the conditions in turn. */
function pathsOf(
  config: AuthoredConfig,
  moments: readonly z.input<typeof Conditions>[],
  kind: 'pool' | 'id',
): readonly (readonly string[])[] {
  const document = documentOf(config)
  const snapshots = moments.map((each) => {
    const snapshot = compile({ ...document, conditions: Conditions.parse(each) })
    // Of one route, that every request meets.
    return { snapshot, seen: observationsOf(snapshot) }
  })
  return REQUESTS.map((facts) =>
    snapshots.map(({ snapshot, seen }) => {
      const decision = decide(facts, snapshot, seen)
      return decision.type === 'steer' ? (decision.attempts[0]?.[kind] ?? '') : ''
    }),
  )
}

/** Every change of place along a path, as `from>to`. */
function movesOf(path: readonly string[]): readonly string[] {
  return path.flatMap((place, at) => {
    const before = path[at - 1]
    return before === undefined || before === place ? [] : [`${before}>${place}`]
  })
}

/** Whether nobody moves along a path but to one place, and once. */
function isAtMostOnceTo(id: string, path: readonly string[]): boolean {
  const moves = movesOf(path)
  return moves.length <= 1 && moves.every((move) => move.endsWith(`>${id}`))
}

const POOLS = Object.fromEntries(
  IDS.map((id, n) => [
    id,
    {
      location: { latitude: 10 * n, longitude: 80 * n - 120 },
      origins: { [`${id}-1`]: { url: `https://${id}.example.com` } },
    },
  ]),
)

const WEIGHTS = { a: 1, b: 5, c: 3, d: 2 }
const PLACES = { DE: { b: 1, a: 4 }, US: ['c', 'a'] }

/** Every policy whose choice hangs on nothing that a request before it has changed. */
const POLICIES: readonly Steer[] = [
  { policy: 'failover', pools: ['b', 'a', 'c', 'd'] },
  { policy: 'weighted', weights: WEIGHTS },
  { policy: 'hash', pools: WEIGHTS },
  { policy: 'round-robin', pools: WEIGHTS },
  { policy: 'random', pools: IDS },
  { policy: 'proximity', pools: IDS },
  { policy: 'geo', countries: PLACES, default: ['d', 'a'] },
]

const ALGORITHMS: readonly Balance[] = [
  { algorithm: 'weighted' },
  { algorithm: 'weighted', key: 'client' },
  { algorithm: 'hash' },
  { algorithm: 'failover' },
  { algorithm: 'round-robin' },
  { algorithm: 'random' },
  { algorithm: 'proximity' },
]

/** The conditions while the share of one pool or origin rises. */
function rising(of: 'pools' | 'origins', id: string) {
  return STEPS.map((sharePercent) => ({ [of]: { [id]: { sharePercent } } }))
}

describe('a share that rises by steps', () => {
  it.each(POLICIES)('moves clients only to its pool, and each once: $policy', (steer) => {
    const config = { pools: POOLS, routes: { all: { steer } } }
    for (const id of IDS) {
      const paths = pathsOf(config, rising('pools', id), 'pool')
      expect(paths.filter((path) => !isAtMostOnceTo(id, path))).toEqual([])
    }
  })

  it.each(ALGORITHMS)('moves clients only to its origin, and each once: %o', (balance) => {
    const origins = Object.fromEntries(
      IDS.map((id, n) => [
        id,
        { ...POOLS[id]?.origins[`${id}-1`], url: `https://${id}.test`, weight: n + 1 },
      ]),
    )
    const config: AuthoredConfig = {
      pools: { all: { balance, origins }, other: { origins: { z: { url: 'https://z.test' } } } },
      routes: { all: { steer: { policy: 'failover', pools: ['all', 'other'] } } },
    }
    for (const id of IDS) {
      const paths = pathsOf(config, rising('origins', id), 'id')
      expect(paths.filter((path) => !isAtMostOnceTo(id, path))).toEqual([])
    }
  })

  it('begins at nothing and ends at the whole', () => {
    const config = {
      pools: POOLS,
      routes: { all: { steer: { policy: 'weighted' as const, weights: WEIGHTS } } },
    }
    const paths = pathsOf(config, rising('pools', 'b'), 'pool')
    const onB = STEPS.map((_, at) => paths.filter((path) => path[at] === 'b').length)
    expect(onB[0]).toBe(0)
    expect(onB).toEqual(onB.toSorted((one, other) => one - other))
    const whole = pathsOf(config, [{}], 'pool')
    expect(paths.map((path) => path.at(-1))).toEqual(whole.map((path) => path[0]))
  })
})

/** Weights of the four pools: before a shift and after it. */
type Ends = readonly [from: readonly number[], to: readonly number[]]

const weights = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 4 })
  .filter((all) => all.some((each) => each > 0))
const ends: fc.Arbitrary<Ends> = fc.tuple(weights, weights)

/** What goes up by steps and comes back down by the same. */
const UP_AND_DOWN = [...STEPS, ...STEPS.toReversed().slice(1)]
const TOP = STEPS.length - 1

function byPool(all: readonly number[]): Record<string, number> {
  return Object.fromEntries(IDS.map((id, n) => [id, all[n] ?? 0]))
}

/** Policies that split by one map of weights. */
const SPLITS: Readonly<Record<string, (by: Record<string, number>) => Steer>> = {
  weighted: (by) => ({ policy: 'weighted', weights: by }),
  'weighted by chance': (by) => ({ policy: 'weighted', key: 'random', weights: by }),
  hash: (by) => ({ policy: 'hash', pools: by }),
  'round-robin': (by) => ({ policy: 'round-robin', pools: by }),
  random: (by) => ({ policy: 'random', pools: by }),
}

function splitBy(split: string, all: readonly number[]): AuthoredConfig {
  const steer = SPLITS[split]?.(byPool(all))
  return { pools: POOLS, routes: { all: { steer } } }
}

/** Where each request goes first while its route shifts, up and back down. */
function shiftPathsOf(split: string, [from, to]: Ends) {
  const moments = UP_AND_DOWN.map((percent) => {
    return { routes: { all: { weights: byPool(to), percent } } }
  })
  return pathsOf(splitBy(split, from), moments, 'pool')
}

/** Where each request goes first by weights that stand still. */
function placesOf(split: string, all: readonly number[]): readonly (string | undefined)[] {
  return pathsOf(splitBy(split, all), [{}], 'pool').map(([place]) => place)
}

describe('weights that shift by steps', () => {
  it.each(Object.keys(SPLITS))(
    'move each client once, from where it was to where it will be: %s',
    (split) => {
      fc.assert(
        fc.property(ends, (both) => {
          const [before, after] = both.map((all) => placesOf(split, all))
          const wrong = shiftPathsOf(split, both).filter((path, n) => {
            const up = path.slice(0, TOP + 1)
            const down = path.slice(TOP).toReversed()
            if (up[0] !== before?.[n] || up[TOP] !== after?.[n]) return true
            // Nobody whose pool is the same in the end moves; nobody passes through a third one.
            if (movesOf(up).length !== (before?.[n] === after?.[n] ? 0 : 1)) return true
            return down.length !== up.length || down.some((place, at) => place !== up[at])
          })
          expect(wrong).toEqual([])
        }),
        { numRuns: 8 },
      )
    },
  )

  it('move a client at the same step, whatever the weights and whoever is out', () => {
    const config = splitBy('weighted', [1, 0, 0, 0])
    const stepsTo = (
      to: readonly number[],
      origins: z.input<typeof Conditions>['origins'] = {},
    ) => {
      const moments = STEPS.map((percent) => {
        return { origins, routes: { all: { weights: byPool(to), percent } } }
      })
      return pathsOf(config, moments, 'pool').map((path) => path.lastIndexOf('a'))
    }
    const steps = stepsTo([0, 1, 0, 0])
    expect(stepsTo([0, 1, 2, 3])).toEqual(steps)
    expect(stepsTo([0, 1, 2, 3], { 'c-1': { health: 'unhealthy' } })).toEqual(steps)
  })

  it.each<Ends>([
    [
      [9, 1, 0, 0],
      [0, 3, 1, 0],
    ],
    [
      [70, 30, 0, 0],
      [20, 80, 0, 0],
    ],
    [
      [4, 3, 2, 1],
      [1, 2, 3, 4],
    ],
    [
      [1, 1, 1, 0],
      [0, 1, 1, 5],
    ],
  ])('split clients as the percent says, from %o to %o', (from, to) => {
    const paths = shiftPathsOf('weighted', [from, to])
    for (const [at, percent] of STEPS.entries()) {
      for (const [n, id] of IDS.entries()) {
        const share = (partOf(from, n) * (100 - percent) + partOf(to, n) * percent) / 100
        const seen = paths.filter((path) => path[at] === id).length / paths.length
        expect(Math.abs(seen - share)).toBeLessThanOrEqual(bound(share))
      }
      const movers = paths.filter((path) => path[0] !== path[TOP])
      const moved = movers.filter((path) => path[at] === path[TOP]).length / movers.length
      const due = percent / 100
      const room = 5 * Math.sqrt((due * (1 - due)) / movers.length)
      expect(Math.abs(moved - due)).toBeLessThanOrEqual(room)
    }
  })

  it('are followed by a simulation', () => {
    const traffic = { type: 'generated', requests: [{ host: 'www.example.com' }] }
    const question = SimulationQuestion.parse({ traffic })
    const config = splitBy('weighted', [50, 30, 20, 0])
    const [start, half, whole] = [0, 50, 100].map((percent) => {
      const shift = { weights: byPool([20, 30, 40, 10]), percent }
      return compile(documentOf(config, { routes: { all: shift } }))
    })
    if (!start || !half || !whole) throw new Error('three moments')
    const halfWay = simulate(question, { now: start, next: half })
    const { movedPercent, marginPercent } = simulate(question, { now: start, next: whole })
    expect(Math.abs(halfWay.movedPercent - movedPercent / 2)).toBeLessThan(marginPercent)
    for (const [n, { afterPercent }] of halfWay.pools.entries()) {
      expect(Math.abs(afterPercent - ([35, 30, 30, 5][n] ?? 0))).toBeLessThan(marginPercent)
    }
  })

  it('leave a geo policy to its places', () => {
    const steer = { policy: 'geo' as const, countries: PLACES, default: ['d', 'a'] }
    const moments = [{}, { routes: { all: { weights: { b: 1 }, percent: 50 } } }]
    const paths = pathsOf({ pools: POOLS, routes: { all: { steer } } }, moments, 'pool')
    expect(paths.flatMap(movesOf)).toEqual([])
  })
})

/** Part `n` of weights, of the whole. */
function partOf(all: readonly number[], n: number): number {
  return (all[n] ?? 0) / all.reduce((sum, each) => sum + each, 0)
}

/** Five standard deviations of a share measured over the requests: one run in two million falls outside. */
function bound(share: number): number {
  return 5 * Math.sqrt((share * (1 - share)) / REQUESTS.length)
}
