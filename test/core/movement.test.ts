import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { compile } from '../../src/core/compile.ts'
import { decide } from '../../src/core/decide.ts'
import type { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
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
  const snapshots = moments.map((conditions) => compile(documentOf(config, conditions)))
  return REQUESTS.map((facts) =>
    snapshots.map((snapshot) => {
      const decision = decide(facts, snapshot, observationsOf(snapshot))
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
      for (const path of pathsOf(config, rising('pools', id), 'pool')) {
        const moves = movesOf(path)
        expect(moves.length).toBeLessThanOrEqual(1)
        expect(moves.every((move) => move.endsWith(`>${id}`))).toBe(true)
      }
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
      for (const path of pathsOf(config, rising('origins', id), 'id')) {
        const moves = movesOf(path)
        expect(moves.length).toBeLessThanOrEqual(1)
        expect(moves.every((move) => move.endsWith(`>${id}`))).toBe(true)
      }
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

const weight = fc.integer({ min: 0, max: 100 })
const twoEnds = fc.tuple(weight, weight).filter(([from, to]) => from + to > 0)

/** Part `n` of weights, of the whole. */
function partOf(weights: readonly number[], n: number): number {
  return (weights[n] ?? 0) / weights.reduce((sum, each) => sum + each, 0)
}

/** The weights on the way from one map to another, as a shift of a route moves them. */
function between(from: readonly number[], to: readonly number[]) {
  return STEPS.map((percent) => {
    const weights = from.map((_, n) => {
      const weight = (partOf(from, n) * (100 - percent) + partOf(to, n) * percent) / 100
      return [IDS[n] ?? '', weight] as const
    })
    return { routes: { all: { weights: Object.fromEntries(weights) } } }
  })
}

describe('weights that move by steps', () => {
  const config = {
    pools: POOLS,
    routes: { all: { steer: { policy: 'weighted' as const, weights: WEIGHTS } } },
  }

  it('between two pools move each client at most once', () => {
    fc.assert(
      fc.property(twoEnds, twoEnds, (from, to) => {
        const paths = pathsOf(config, between(from, to), 'pool')
        for (const path of paths) expect(movesOf(path).length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 20 },
    )
  })

  it('between many pools bring no client back to where it was', () => {
    const ends = fc
      .array(weight, { minLength: 4, maxLength: 4 })
      .filter((all) => all.some((each) => each > 0))
    fc.assert(
      fc.property(ends, ends, (from, to) => {
        for (const path of pathsOf(config, between(from, to), 'pool')) {
          const stays = path.filter((place, at) => place !== path[at - 1])
          expect(new Set(stays).size).toBe(stays.length)
        }
      }),
      { numRuns: 20 },
    )
  })
})
