import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { decide } from '../../../src/core/decide.ts'
import { Conditions } from '../../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { Interlocks } from '../../../src/schema/interlock.ts'
import { parseConfig } from '../../../src/schema/parse-config.ts'
import { checkInterlocks } from '../../../src/state/interlock/interlock.ts'
import {
  toTrafficPicture,
  toTrafficShape,
  type TrafficPicture,
} from '../../../src/state/interlock/route-picture.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../../support/builders.ts'

const POOLS = poolsOf({ eu: ['eu-1', 'eu-2'], us: ['us-1', 'us-2'], ap: ['ap-1', 'ap-2'] })

function picture(
  authored: AuthoredConfig,
  conditions: z.input<typeof Conditions> = {},
): TrafficPicture {
  const parsed = parseConfig(authored)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return toTrafficPicture(toTrafficShape(parsed.config), Conditions.parse(conditions))
}

/** One route "api" over eu, us and ap. */
function routeOf(steer: NonNullable<NonNullable<AuthoredConfig['routes']>[string]['steer']>) {
  return { pools: POOLS, routes: { api: { steer } } }
}

const even = routeOf({ policy: 'weighted', weights: { eu: 1, us: 1, ap: 1 } })
const all = Interlocks.parse({})
const drain = { state: 'drain' } as const
const out = { health: 'unhealthy' } as const

function check(
  authored: AuthoredConfig,
  before: z.input<typeof Conditions>,
  after: z.input<typeof Conditions>,
) {
  return checkInterlocks(picture(authored, before), picture(authored, after), all)
}

const POOL_IDS = ['eu', 'us', 'ap']
const ORIGIN_IDS = POOL_IDS.flatMap((pool) => [`${pool}-1`, `${pool}-2`])

const condition = fc.record({
  health: fc.constantFrom('healthy', 'unknown', 'unhealthy'),
  state: fc.constantFrom('ready', 'ready', 'ready', 'drain', 'maintenance'),
  sharePercent: fc.constantFrom(100, 100, 50, 0),
})

/** How things may stand at a moment. */
const moment = fc.record({
  origins: fc.dictionary(fc.constantFrom(...ORIGIN_IDS), condition),
  pools: fc.dictionary(fc.constantFrom(...POOL_IDS), condition),
})

const steering = fc.constantFrom<Parameters<typeof routeOf>[0][]>(
  { policy: 'weighted', weights: { eu: 3, us: 1 } },
  { policy: 'weighted', weights: { eu: 1, us: 1, ap: 0 } },
  { policy: 'failover', pools: ['eu', 'us', 'ap'] },
  { policy: 'failover', pools: ['eu'], fallback: 'us' },
  { policy: 'geo', default: ['us', 'ap'] },
)

describe('interlocks', () => {
  it('let a pool go that the others can do without', () => {
    expect(check(even, {}, { pools: { us: drain } })).toEqual([])
    expect(check(even, {}, { origins: { 'us-1': { state: 'maintenance' } } })).toEqual([])
  })

  it('never let the last one go, and tell by what numbers', () => {
    const lost = { eu: out, us: out }
    expect(check(even, { pools: lost }, { pools: { ...lost, ap: drain } })).toEqual([
      { type: 'all-off', route: 'api', usable: 0 },
      { type: 'capacity-too-small', route: 'api', capacityPercent: 0, minCapacityPercent: 50 },
    ])
  })

  it('ask for half of the capacity, with what is out already', () => {
    const before = { pools: { eu: out } }
    const after = { pools: { eu: out }, origins: { 'us-1': drain, 'ap-1': drain } }
    expect(check(even, before, after)).toEqual([
      { type: 'capacity-too-small', route: 'api', capacityPercent: 33.3, minCapacityPercent: 50 },
    ])
  })

  it('do not hold against a change what was so before', () => {
    const lost = { eu: out, us: out, ap: out }
    expect(check(even, { pools: lost }, { pools: { ...lost, us: {} } })).toEqual([])
    const mostly = { eu: out, us: out }
    expect(
      check(even, { pools: mostly }, { pools: { ...mostly, ap: { sharePercent: 100 } } }),
    ).toEqual([])
  })

  it('bound what one call moves', () => {
    const before = picture(routeOf({ policy: 'weighted', weights: { eu: 80, us: 20 } }))
    const after = picture(routeOf({ policy: 'weighted', weights: { eu: 20, us: 80 } }))
    expect(checkInterlocks(before, after, all)).toEqual([
      { type: 'change-too-large', route: 'api', changePercent: 60, maxChangePercent: 50 },
    ])
    expect(checkInterlocks(before, after, Interlocks.parse({ maxChangePercent: 60 }))).toEqual([])
  })

  it('see the weights that a shift has reached', () => {
    const weights = { eu: 1, us: 0, ap: 0 }
    const after = { routes: { api: { weights } } }
    expect(check(even, {}, after)).toEqual([
      { type: 'change-too-large', route: 'api', changePercent: 66.7, maxChangePercent: 50 },
    ])
  })

  it('know that a failover route moves as a whole', () => {
    const failover = routeOf({ policy: 'failover', pools: ['eu', 'us'] })
    const refusals = check(failover, {}, { pools: { eu: drain } })
    expect(refusals).toEqual([
      { type: 'change-too-large', route: 'api', changePercent: 100, maxChangePercent: 50 },
    ])
    expect(check(failover, {}, { pools: { us: drain } })).toEqual([])
  })

  it('count the share that a recovery has reached, and no more', () => {
    const before = { pools: { us: { sharePercent: 10 } } }
    // eu 1/3, ap 1/3 and us 1/30, of which the others take the rest: eu goes to ap and us.
    expect(check(even, before, { pools: { us: { sharePercent: 10 }, eu: drain } })).toEqual([
      { type: 'capacity-too-small', route: 'api', capacityPercent: 36.7, minCapacityPercent: 50 },
    ])
  })

  it('take a pool below its minimum of origins for one that is out', () => {
    const pools = {
      ...POOLS,
      us: { ...POOLS['us'], minimumOrigins: 2, origins: POOLS['us']?.origins ?? {} },
    }
    const strict = {
      pools,
      routes: { api: { steer: { policy: 'failover' as const, pools: ['us'] } } },
    }
    expect(check(strict, {}, { origins: { 'us-1': drain } })).toEqual([
      { type: 'all-off', route: 'api', usable: 0 },
      { type: 'capacity-too-small', route: 'api', capacityPercent: 0, minCapacityPercent: 50 },
    ])
  })

  it('count on the fallback pool only so that something is left', () => {
    const failover = routeOf({ policy: 'failover', pools: ['eu'], fallback: 'us' })
    expect(check(failover, {}, { pools: { eu: drain } }).map(({ type }) => type)).toEqual([
      'change-too-large',
      'capacity-too-small',
    ])
  })

  it('leave no place of a geo route without a pool', () => {
    const places = { countries: { DE: ['eu'] }, default: ['us', 'ap'] }
    const strict = routeOf({ policy: 'geo', spill: 'none', ...places })
    const wide = routeOf({ policy: 'geo', ...places })
    const after = { pools: { eu: drain } }
    expect(check(strict, {}, after)).toEqual([{ type: 'all-off', route: 'api', usable: 0 }])
    expect(check(wide, {}, after)).toEqual([])
  })

  it('look at every route, and at none that the change does not concern', () => {
    const two = {
      pools: POOLS,
      routes: {
        api: { steer: { policy: 'failover' as const, pools: ['eu'] } },
        web: { steer: { policy: 'failover' as const, pools: ['us'] } },
        gone: { respond: { status: 410 } },
      },
    }
    const refusals = check(two, {}, { pools: { us: drain } })
    expect(new Set(refusals.map(({ route }) => route))).toEqual(new Set(['web']))
  })

  it('find all off exactly where a decision would have to go beyond the last resort', () => {
    fc.assert(
      fc.property(steering, moment, moment, (steer, before, after) => {
        const config = routeOf(steer)
        const refusals = check(config, before, after)
        const isOff = (conditions: z.input<typeof Conditions>) => {
          const snapshot = snapshotOf(config, conditions)
          const decision = decide(factsOf(), snapshot, observationsOf(snapshot))
          return decision.type !== 'steer' || !['none', 'last-resort'].includes(decision.tolerance)
        }
        const isRefused = refusals.some(({ type }) => type === 'all-off')
        expect(isRefused).toBe(isOff(after) && !isOff(before))
      }),
      { numRuns: 500 },
    )
  })

  it('find nothing wrong with no change, and numbers between 0 and 100 in any', () => {
    const strict = Interlocks.parse({ maxChangePercent: 1, minCapacityPercent: 100 })
    fc.assert(
      fc.property(steering, moment, moment, (steer, before, after) => {
        const [last, next] = [picture(routeOf(steer), before), picture(routeOf(steer), after)]
        expect(checkInterlocks(last, last, strict)).toEqual([])
        const numbers = checkInterlocks(last, next, strict).flatMap((refusal) => {
          if (refusal.type === 'all-off') return []
          const isChange = refusal.type === 'change-too-large'
          return isChange ? refusal.changePercent : refusal.capacityPercent
        })
        for (const number of numbers) {
          expect(number).toBeGreaterThanOrEqual(0)
          expect(number).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('move nothing for an origin that takes nothing', () => {
    const strict = Interlocks.parse({ maxChangePercent: 1, minCapacityPercent: 0 })
    const before = picture(even, { origins: { 'us-1': drain } })
    const after = picture(even, { origins: { 'us-1': { state: 'maintenance' } } })
    expect(checkInterlocks(before, after, strict)).toEqual([])
  })
})
