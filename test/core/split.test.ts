import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import type { Condition } from '../../src/schema/condition.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../support/builders.ts'

const CLIENTS = Array.from({ length: 4000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)

interface Split {
  readonly weights: Readonly<Record<string, number>>
  readonly shares?: Readonly<Record<string, number>>
}

/** Where each client of a weighted split goes first. */
function placesOf({ weights, shares = {} }: Split): ReadonlyMap<string, string> {
  const pools = poolsOf(Object.fromEntries(Object.keys(weights).map((id) => [id, [`${id}-1`]])))
  const conditions: Record<string, Pick<Condition, 'sharePercent'>> = Object.fromEntries(
    Object.entries(shares).map(([id, sharePercent]) => [id, { sharePercent }]),
  )
  const steer = { policy: 'weighted' as const, weights: { ...weights } }
  const snapshot = snapshotOf({ pools, routes: { all: { steer } } }, { pools: conditions })
  const observations = observationsOf(snapshot)
  return new Map(
    CLIENTS.map((ip) => {
      const decision = decide(factsOf({ client: { ip } }), snapshot, observations)
      return [ip, decision.type === 'steer' ? (decision.attempts[0]?.pool ?? '') : '']
    }),
  )
}

function shareOf(places: ReadonlyMap<string, string>, pool: string): number {
  return [...places.values()].filter((place) => place === pool).length / places.size
}

/** Five standard deviations of a share measured over the clients: one run in two million falls outside. */
function bound(share: number): number {
  return 5 * Math.sqrt((share * (1 - share)) / CLIENTS.length)
}

describe('a weighted split', () => {
  it.each([
    { us: 70, eu: 30 },
    { us: 95, eu: 5 },
    { us: 1, eu: 1, ap: 1 },
    { us: 10, eu: 20, ap: 70 },
  ])('divides clients as %o says', (weights) => {
    const places = placesOf({ weights })
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
    for (const [pool, weight] of Object.entries(weights)) {
      const share = weight / total
      expect(Math.abs(shareOf(places, pool) - share)).toBeLessThan(bound(share))
    }
  })

  it('moves clients only to the pool whose weight was raised', () => {
    const before = placesOf({ weights: { us: 70, eu: 30, ap: 20 } })
    const after = placesOf({ weights: { us: 70, eu: 60, ap: 20 } })
    const moved = CLIENTS.filter((ip) => before.get(ip) !== after.get(ip))
    expect(moved.length).toBeGreaterThan(0)
    expect(new Set(moved.map((ip) => after.get(ip)))).toEqual(new Set(['eu']))
  })

  it('moves only the clients of a pool that is removed', () => {
    const before = placesOf({ weights: { us: 70, eu: 30, ap: 20 } })
    const after = placesOf({ weights: { us: 70, eu: 30 } })
    const moved = CLIENTS.filter((ip) => before.get(ip) !== after.get(ip))
    expect(new Set(moved.map((ip) => before.get(ip)))).toEqual(new Set(['ap']))
  })

  it('brings a share up without moving anyone back, and the rest stays where it was', () => {
    const weights = { us: 50, eu: 50 }
    const whole = placesOf({ weights })
    const steps = [0, 10, 25, 50, 75, 100].map((eu) => placesOf({ weights, shares: { eu } }))
    const onEu = steps.map((step) => CLIENTS.filter((ip) => step.get(ip) === 'eu'))
    for (const [at, clients] of onEu.slice(1).entries()) {
      expect(clients).toEqual(expect.arrayContaining(onEu[at] ?? []))
    }
    for (const step of steps) {
      expect(CLIENTS.filter((ip) => whole.get(ip) === 'us' && step.get(ip) !== 'us')).toEqual([])
    }
    for (const [at, share] of [0, 0.05, 0.125, 0.25, 0.375, 0.5].entries()) {
      expect(Math.abs((onEu[at]?.length ?? 0) / CLIENTS.length - share)).toBeLessThanOrEqual(
        bound(share),
      )
    }
  })
})
