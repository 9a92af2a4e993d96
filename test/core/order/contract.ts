import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toVector } from '../../../src/core/kernel/globe.ts'
import type { Draw, Group, Order } from '../../../src/core/order/order.ts'
import { drawOf, everyone, groupOf, weighing } from './builders.ts'

interface Case {
  readonly group: Group
  readonly eligible: readonly number[]
  readonly draw: Draw
}

const RUNS = { seed: 20_261_121, numRuns: 300 }

/** What every policy promises, whatever it orders by. `compile` makes it for a group. */
export function orderContract(name: string, compile: (group: Group) => Order): void {
  const orderOf = ({ group, eligible, draw }: Case) => compile(group)(group, eligible, draw)

  describe(`${name}, as every policy`, () => {
    it('orders each eligible member once and no other', () => {
      holds((given) => {
        const order = orderOf(given)
        expect(order.toSorted(ascending)).toEqual(given.eligible)
      })
    })

    it('stops at the places that are wanted, without changing who has them', () => {
      holds((given) => {
        const whole = orderOf(given)
        for (let take = 1; take <= given.eligible.length + 1; take += 1) {
          const draw = { ...given.draw, take }
          expect(orderOf({ ...given, draw })).toEqual(whole.slice(0, take))
        }
      })
    })

    it('says the same of the same, and leaves what it was given as it was', () => {
      holds((given) => {
        const before = JSON.stringify(given)
        const order = orderOf(given)
        expect(orderOf(given)).toEqual(order)
        expect(JSON.stringify(given)).toBe(before)
      })
    })

    it('puts members of weight 0 last, as they are listed', () => {
      holds((given) => {
        const { weights } = given.group
        const isStandby = (member: number) => weights[member] === 0
        const order = orderOf(given)
        const standby = given.eligible.filter(isStandby)
        expect(order.slice(order.length - standby.length)).toEqual(standby)
      })
    })

    it('gives the only eligible member, whatever its weight', () => {
      for (const weight of [0, 1]) {
        const group = weighing(1, weight, 1)
        expect(orderOf({ group, eligible: [1], draw: drawOf() })).toEqual([1])
      }
    })

    it('has nothing to say of nobody', () => {
      const group = weighing(1, 1)
      expect(orderOf({ group, eligible: [], draw: drawOf() })).toEqual([])
    })
  })
}

function holds(property: (given: Case) => void): void {
  fc.assert(fc.property(cases, property), RUNS)
}

function ascending(left: number, right: number): number {
  return left - right
}

const location = fc.record({
  latitude: fc.integer({ min: -90, max: 90 }),
  longitude: fc.integer({ min: -180, max: 180 }),
})

const member = fc.record({
  weight: fc.constantFrom(0, 0, 0.5, 1, 1, 3, 100, 1_000_000),
  location: fc.option(location, { nil: undefined }),
  isEligible: fc.boolean(),
  inFlight: fc.integer({ min: 0, max: 5 }),
  latencyMs: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
  credit: fc.integer({ min: -10, max: 10 }),
})

const cases: fc.Arbitrary<Case> = fc
  .record({
    members: fc.array(member, { minLength: 1, maxLength: 12 }),
    id: fc.constantFrom('route:test', 'pool:test'),
    key: fc.nat({ max: 0xffff_ffff }),
    random: fc.nat({ max: 0xffff_ffff }).map((bits) => bits / 2 ** 32),
    place: fc.option(location, { nil: undefined }),
  })
  .map(({ members, id, key, random, place }) => {
    const group = groupOf(
      members.map(({ weight, location: at }) => ({ weight, ...(at && { location: at }) })),
      id,
    )
    const position = place && toVector(place)
    const credits = members.map(({ credit }) => credit)
    const draw = drawOf({ key, random, position, credits, loads: members })
    return { group, eligible: everyone(group).filter((at) => members[at]?.isEligible), draw }
  })
