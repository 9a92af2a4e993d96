import { describe, expect, test } from 'vitest'
import type { Quota } from '../../../src/schema/limit.ts'
import { emptyBucket } from '../../../src/state/rate/gcra.ts'
import { sayOf, spend } from '../../../src/state/rate/admission.ts'
import { miss, settle, toAsk } from '../../../src/state/rate/asks.ts'
import { giveBack, type Lessee, NEW_LESSEE, standingOf } from '../../../src/state/rate/lessee.ts'
import { lease } from '../../../src/state/rate/lessor.ts'
import { termsOf } from '../../../src/state/rate/terms.ts'
import { Chance } from '../../sim/chance.ts'
import { runLeases, type WorldOptions } from './lease-world.ts'

function quotaOf(requests: number, perMs: number, burst = requests): Quota {
  return { requests, perMs, burst }
}

const LIMITS: readonly (readonly Quota[])[] = [
  [quotaOf(5, 60_000)],
  [quotaOf(20, 10_000)],
  [quotaOf(100, 1000)],
  [quotaOf(100, 10_000, 30)],
  [quotaOf(100, 10_000), quotaOf(300, 3_600_000)],
  [quotaOf(1000, 60_000)],
]

/** A world of one client of `load` times what the first quota gives, for as long as some hundred requests take. */
function worldOf(quotas: readonly Quota[], load: number): WorldOptions {
  const [{ requests, perMs }] = quotas as readonly [Quota]
  const perSecond = ((requests * 1000) / perMs) * load
  return {
    quotas,
    isolates: 1,
    perSecond,
    lastsMs: Math.min(60_000, 600_000 / perSecond),
    mostDelayMs: 80,
    lossRate: 0,
    resets: 0,
    skewMs: 0,
    drift: 0,
  }
}

/** By how much the worst span of time has more than the burst and the rate give. */
function excessOf(admitted: readonly number[], { requests, perMs, burst }: Quota): number {
  let least = Infinity
  let worst = 0
  for (const [at, atMs] of admitted.entries()) {
    const ahead = at - (atMs * requests) / perMs
    least = Math.min(least, ahead)
    worst = Math.max(worst, ahead - least + 1 - burst)
  }
  return worst
}

/** The bound of docs/limits.md. */
function mostExcess(quota: Quota, { quotas, isolates, resets, drift }: WorldOptions): number {
  const { leaseMs, most, slack } = termsOf(quotas)
  const leased = (leaseMs * quota.requests * (1 + drift)) / quota.perMs
  return Math.min(leased, isolates * most) + 2 * isolates * slack + resets * quota.burst
}

describe('what isolates let in together', () => {
  test('has a bound, whatever is late, lost, forgotten or told the wrong time', () => {
    let used = 0
    for (let seed = 0; seed < 40; seed += 1) {
      const chance = new Chance(seed)
      const world: WorldOptions = {
        ...worldOf(chance.pick(LIMITS), chance.between(0.5, 4)),
        isolates: chance.whole(1, 20),
        mostDelayMs: chance.between(1, 300),
        lossRate: chance.pick([0, 0, 0.05, 0.3]),
        resets: chance.pick([0, 0, 1, 3]),
        skewMs: 3_600_000,
        drift: 0.001,
      }
      const { admitted } = runLeases(seed, world)
      for (const quota of world.quotas) {
        const [excess, most] = [excessOf(admitted, quota), mostExcess(quota, world)]
        expect([seed, excess <= most, excess, most]).toEqual([seed, true, excess, most])
        used = Math.max(used, excess / most)
      }
    }
    // A bound that nothing comes near would be none.
    expect(used).toBeGreaterThan(0.4)
  })

  test('is most of what the limit gives, when there is demand for more', () => {
    for (const quotas of LIMITS) {
      for (const isolates of [1, 5, 20]) {
        const world = { ...worldOf(quotas, 3), isolates }
        const { admitted, refused } = runLeases(7, world)
        const ideal = quotas.map(({ requests, perMs, burst }) => {
          return burst + (world.lastsMs * requests) / perMs
        })
        const wanted = Math.min(...ideal, admitted.length + refused)
        expect([quotas, isolates, admitted.length >= 0.85 * wanted - 2]).toEqual([
          quotas,
          isolates,
          true,
        ])
      }
    }
  })

  test('takes a call for a part of the requests alone, and none waits while there is room', () => {
    const { asks, awaited, admitted } = runLeases(3, {
      ...worldOf([quotaOf(6000, 60_000)], 0.5),
      perSecond: 50,
      lastsMs: 20_000,
    })
    expect(admitted.length).toBe(1000)
    expect(asks / admitted.length).toBeLessThan(0.1)
    expect(awaited).toBeLessThanOrEqual(1)
  })
})

describe('an isolate', () => {
  const quotas = [quotaOf(100, 10_000)]
  const lettings = { quotas, terms: termsOf(quotas) }
  const NOW_MS = 1_800_000_000_000

  /** Asks and is answered at once, by a bucket of which so many have been taken. */
  function asked(lessee: Lessee, spent: number, nowMs = NOW_MS): Lessee {
    const [asking, ask] = toAsk(lessee, lettings, { nowMs, purpose: 'more', waiting: 0 })
    const [bucket] = lease(emptyBucket(quotas, nowMs), quotas, { spent, want: 0 })
    const [, grant] = lease(bucket, quotas, ask)
    return settle(asking, lettings, { ask, grant, taken: 0, askedAtMs: nowMs, nowMs })
  }

  test('lets a new client in before it has asked, twice, and then asks', () => {
    let lessee = NEW_LESSEE
    for (const say of ['ahead', 'ahead'] as const) {
      expect(sayOf(lessee, lettings, NOW_MS)).toBe(say)
      lessee = spend(lessee, lettings, { say, nowMs: NOW_MS })
    }
    expect(sayOf(lessee, lettings, NOW_MS)).toBe('ask')
    expect(toAsk(lessee, lettings, { nowMs: NOW_MS, purpose: 'more', waiting: 0 })[1]).toEqual({
      spent: 2,
      want: 4,
    })
  })

  test('lets nobody in ahead of a small limit', () => {
    const small = [quotaOf(5, 60_000)]
    expect(sayOf(NEW_LESSEE, { quotas: small, terms: termsOf(small) }, NOW_MS)).toBe('ask')
  })

  test('refuses without a call as long as it knows that there is nothing', () => {
    const short = asked(NEW_LESSEE, 100)
    expect(sayOf(short, lettings, NOW_MS)).toBe('wait')
    // It wanted more than it got: so it waits for half of ten, and not for each single one.
    expect(sayOf(short, lettings, NOW_MS + 499)).toBe('wait')
    expect(sayOf(short, lettings, NOW_MS + 500)).toBe('ask')
  })

  test('holds what it was granted for a lease, and not a moment longer', () => {
    const holding = asked(NEW_LESSEE, 0)
    expect(sayOf(holding, lettings, NOW_MS + 999)).toBe('held')
    expect(sayOf(holding, lettings, NOW_MS + 1000)).not.toBe('held')
    // Nor when the clock jumps back.
    expect(sayOf(holding, lettings, NOW_MS - 10_000)).toBe('ask')
  })

  test('tells again what may not have been heard, and charges nothing twice for one answer', () => {
    const ahead = spend(NEW_LESSEE, lettings, { say: 'ahead', nowMs: NOW_MS })
    const [asking, ask] = toAsk(ahead, lettings, { nowMs: NOW_MS, purpose: 'tell', waiting: 0 })
    expect(ask).toEqual({ spent: 1, want: 0 })
    expect(toAsk(asking, lettings, { nowMs: NOW_MS, purpose: 'tell', waiting: 0 })[1].spent).toBe(0)
    const missed = miss(asking, ask)
    expect(toAsk(missed, lettings, { nowMs: NOW_MS, purpose: 'tell', waiting: 0 })[1].spent).toBe(1)
  })

  test('keeps what a request was granted that another limit refuses', () => {
    const back = giveBack(NEW_LESSEE, lettings, NOW_MS)
    expect(sayOf(back, lettings, NOW_MS + 999)).toBe('held')
    const empty = spend(back, lettings, { say: 'held', nowMs: NOW_MS })
    expect(sayOf(empty, lettings, NOW_MS)).toBe('ahead')
  })

  test('tells a client what is left, with what it holds for it', () => {
    const holding = asked(NEW_LESSEE, 40)
    expect(standingOf(holding, lettings, NOW_MS).levels).toEqual([40 * 10_000])
  })
})
