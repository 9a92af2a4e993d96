import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/core/decide.ts'
import { wantedRecords } from '../../../src/core/dns/wanted.ts'
import { WantedRecord } from '../../../src/schema/dns-record-set.ts'
import { documentOf, factsOf, observationsOf, snapshotOf } from '../../support/builders.ts'
import { addresses, configOf, type Told } from '../../support/dns-record.ts'

const RUNS = { numRuns: 80 }
const POOLS = ['us', 'eu', 'ap', 'sa']

/** How one thing stands, as a test says it. */
interface Standing {
  readonly health?: 'degraded' | 'unhealthy'
  readonly state?: 'drain' | 'maintenance'
  readonly sharePercent?: number
}

const standing = fc.constantFrom<Standing[]>(
  {},
  {},
  {},
  { health: 'degraded' },
  { health: 'unhealthy' },
  { state: 'drain' },
  { state: 'maintenance' },
  { sharePercent: 0 },
  { sharePercent: 75 },
)

const world = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    strategy: fc.constantFrom('failover', 'all-healthy', 'weighted'),
    policy: fc.constantFrom('failover', 'weighted', 'hash', 'random', 'latency', 'round-robin'),
    keeper: fc.constantFrom('plain', 'able'),
    most: fc.integer({ min: 1, max: 8 }),
    ofOrigins: fc.array(standing, { minLength: 20, maxLength: 20 }),
    ofPools: fc.array(standing, { minLength: 4, maxLength: 4 }),
  })
  .map(toWorld)

interface Facts {
  readonly sizes: readonly number[]
  readonly strategy: 'failover' | 'all-healthy' | 'weighted'
  readonly policy: 'failover' | 'weighted' | 'hash' | 'random' | 'latency' | 'round-robin'
  readonly keeper: 'plain' | 'able'
  readonly most: number
  readonly ofOrigins: readonly Standing[]
  readonly ofPools: readonly Standing[]
}

function namesOf(pool: string, size = 1): string[] {
  return Array.from({ length: size }, (_, at) => `${pool}-${at + 1}`)
}

function pairs(names: readonly string[], all: readonly Standing[]) {
  return names.map((name, at) => [name, all[at] ?? {}] as const)
}

function toWorld({ sizes, strategy, policy, keeper, most, ofOrigins, ofPools }: Facts) {
  const ids = POOLS.slice(0, sizes.length)
  const pools = Object.fromEntries(
    ids.map((id, at) => [id, addresses(namesOf(id, sizes[at]), `192.0.${at}`)]),
  )
  const weights = Object.fromEntries(ids.map((id, at) => [id, at + 1]))
  const steer =
    policy === 'weighted' ? ({ policy, weights } as const) : ({ policy, pools: ids } as const)
  const told: Told = { pools, steer, keeper, record: { strategy, most } }
  const origins = ids.flatMap((id, at) => namesOf(id, sizes[at]))
  const conditions = {
    origins: Object.fromEntries(pairs(origins, ofOrigins)),
    pools: Object.fromEntries(pairs(ids, ofPools)),
  }
  return { told, conditions }
}

type World = ReturnType<typeof toWorld>

function wanted({ told, conditions }: World, nowMs = 0): WantedRecord {
  const document = documentOf(configOf(told), conditions)
  const [one] = wantedRecords(document, { provider: 'keeper', zone: 'example.com' }, nowMs)
  if (!one) throw new Error('nothing is wanted')
  return one
}

function answersOf({ sets }: WantedRecord): string[] {
  return sets.flatMap(({ values }) => values).toSorted()
}

function isWell(standingOf: Standing = {}): boolean {
  const { health, state, sharePercent = 100 } = standingOf
  return health !== 'unhealthy' && state === undefined && sharePercent === 100
}

/** The plain rule, told anew: who is ready, not unhealthy and has its whole share, in a pool of which the same is true. */
function wellIn({ told, conditions }: World): string[] {
  return Object.entries(told.pools ?? {}).flatMap(([pool, { origins }]) =>
    Object.entries(origins).flatMap(([origin, { url }]) => {
      const both = isWell(conditions.pools[pool]) && isWell(conditions.origins[origin])
      return both ? [url.slice('http://'.length)] : []
    }),
  )
}

/** Where no share is on its way, nothing is made whole or nothing: it is decided as it stands. */
function withoutParts(conditions: Readonly<Record<string, Standing>>): Record<string, Standing> {
  const whole = Object.entries(conditions).map(([id, each]) => {
    return [id, each.sharePercent === 75 ? {} : each] as const
  })
  return Object.fromEntries(whole)
}

describe('what is wanted', () => {
  it('is never one who is out, or not wholly back, while another may serve', () => {
    fc.assert(
      fc.property(world, (one) => {
        const well = wellIn(one)
        fc.pre(well.length > 0)
        const answers = answersOf(wanted(one))
        expect(answers.length).toBeGreaterThan(0)
        expect(answers.filter((answer) => !well.includes(answer))).toEqual([])
      }),
      RUNS,
    )
  })

  it('is the same whenever it is asked, and within the bounds of the record', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 0, max: 1e12 }), (one, nowMs) => {
        const first = wanted(one)
        expect(wanted(one, nowMs)).toEqual(first)
        const most = one.told.record?.most ?? 0
        expect(Math.max(0, ...first.sets.map(({ values }) => values.length))).toBeLessThanOrEqual(
          most,
        )
        expect(first.sets.length > 0).toBe(first.hold === undefined)
        expect(WantedRecord.parse(first)).toEqual(first)
      }),
      RUNS,
    )
  })

  it('loses no other answer of the pools that stay when one origin falls', () => {
    fc.assert(
      fc.property(world, fc.nat(), (one, pick) => {
        // The number of answers by weight follows the weights: there, to lose one can cost another.
        fc.pre(one.told.record?.strategy !== 'weighted' || one.told.keeper === 'able')
        const before = answersOf(wanted(one))
        const well = wellIn(one).filter((each) => before.includes(each))
        const gone = well[pick % Math.max(1, well.length)]
        fc.pre(gone !== undefined && wellIn(one).length > 1)
        const [, , third, host] = gone.split('.')
        const name = `${POOLS[Number(third)]}-${host}`
        const origins = { ...one.conditions.origins, [name]: { health: 'unhealthy' } as const }
        const after = answersOf(wanted({ ...one, conditions: { ...one.conditions, origins } }))
        const staying = before.filter((each) => each !== gone)
        expect(after).not.toContain(gone)
        // The last of its pool: then failover is another pool, and none of what stood is of it.
        const moved = staying.length === 0
        expect(moved || staying.every((each) => after.includes(each))).toBe(true)
      }),
      RUNS,
    )
  })

  it('is of the pool that a request would go to', () => {
    fc.assert(
      fc.property(world, ({ told, conditions }) => {
        const steer = { policy: 'failover', pools: Object.keys(told.pools ?? {}) } as const
        const one: World = {
          told: { ...told, steer, record: {} },
          conditions: {
            origins: withoutParts(conditions.origins),
            pools: withoutParts(conditions.pools),
          },
        }
        const snapshot = snapshotOf(configOf(one.told), one.conditions)
        const decision = decide(factsOf(), snapshot, observationsOf(snapshot))
        const isIn = decision.type === 'steer' && decision.tolerance !== 'fail-open'
        const pool = isIn ? decision.attempts[0]?.pool : undefined
        const { reason, hold } = wanted(one)
        expect(hold === undefined).toBe(isIn)
        expect(reason).toContain(pool === undefined ? 'may serve' : `goes to pool "${pool}"`)
      }),
      RUNS,
    )
  })
})
