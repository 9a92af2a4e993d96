import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceKm, toVector } from '../../../src/core/kernel/globe.ts'
import { proximity } from '../../../src/core/order/proximity.ts'
import { deviation, LUCK, tally } from '../kernel/binomial.ts'
import { CITIES, drawOf, everyone, groupOf, keyNumber } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('proximity', () => proximity)

const { frankfurt, paris, virginia, tokyo, auckland, suva, honolulu } = CITIES

describe('proximity', () => {
  it('goes to the nearest, then the next nearest', () => {
    const group = groupOf([{ location: virginia }, { location: tokyo }, { location: frankfurt }])
    const near = drawOf({ position: toVector(paris) })
    expect(proximity(group, everyone(group), near)).toEqual([2, 0, 1])
  })

  it('measures across the date line', () => {
    const group = groupOf([{ location: auckland }, { location: honolulu }])
    // Suva is 2,100 km from Auckland and 5,100 km from Honolulu, on the other side of 180°.
    const order = proximity(group, [0, 1], drawOf({ position: toVector(suva) }))
    expect(order).toEqual([0, 1])
  })

  it('orders as the distances do', () => {
    const location = fc.record({
      latitude: fc.integer({ min: -90, max: 90 }),
      longitude: fc.integer({ min: -180, max: 180 }),
    })
    fc.assert(
      fc.property(location, fc.array(location, { minLength: 2 }), (client, places) => {
        const group = groupOf(places.map((at) => ({ location: at })))
        const position = toVector(client)
        const order = proximity(group, everyone(group), drawOf({ position }))
        const km = order.map((member) => distanceKm(position, toVector(places[member] ?? client)))
        for (const [at, distance] of km.entries()) {
          expect(distance).toBeGreaterThanOrEqual((km[at - 1] ?? 0) - 0.001)
        }
      }),
      { seed: 6, numRuns: 300 },
    )
  })

  it('keeps the listed order while the place of the client is unknown', () => {
    const group = groupOf([{ location: tokyo }, {}, { location: frankfurt }])
    expect(proximity(group, everyone(group), drawOf())).toEqual([0, 1, 2])
  })

  it('puts members without a location behind those with one, as they are listed', () => {
    const group = groupOf([{}, { location: auckland }, {}, { location: frankfurt }])
    for (let n = 0; n < 50; n += 1) {
      const draw = drawOf({ key: keyNumber(n), position: toVector(paris) })
      expect(proximity(group, everyone(group), draw)).toEqual([3, 1, 0, 2])
    }
  })

  it('shares a place by weight, each key where it is', () => {
    const group = groupOf([
      { location: frankfurt, weight: 3 },
      { location: tokyo },
      { location: frankfurt, weight: 1 },
    ])
    const trials = 10_000
    const position = toVector(paris)
    const firsts = tally(3, trials, (n) => {
      const order = proximity(group, everyone(group), drawOf({ key: keyNumber(n), position }))
      expect(order[2]).toBe(1)
      return order[0] ?? -1
    })
    expect(deviation(firsts, [0.75, 0, 0.25])).toBeLessThan(LUCK)
  })
})
