import { describe, expect, it } from 'vitest'
import { leastConnections } from '../../../src/core/order/least-connections.ts'
import { leastResponseTime } from '../../../src/core/order/least-response-time.ts'
import type { Order } from '../../../src/core/order/order.ts'
import { weighing } from './builders.ts'
import { type Crowd, crowdPeaks } from './crowd.ts'

/** A thousand isolates that hear of each other every two to ten seconds, before ten origins. */
const thousand: Crowd = {
  isolates: 1000,
  group: weighing(...Array.from({ length: 10 }, () => 1)),
  order: leastConnections,
  perWeight: 500,
  lastsS: 5,
  everyS: [2, 10],
  seconds: 40,
}

/** What an isolate would do that believes what it hears: the least busy of all. */
const leastOfAll: Order = (_group, eligible, draw) =>
  eligible.toSorted((one, other) => draw.load(one).inFlight - draw.load(other).inFlight)

/** The better of two by what it hears: what balancers do that see every request. */
const sureOfTwo: Order = (group, eligible, draw) =>
  leastConnections(group, eligible, {
    ...draw,
    load: (member) => ({ ...draw.load(member), others: 0 }),
  })

const byChance: Order = (_group, eligible, draw) => [Math.floor(draw.random * eligible.length)]

const worst = (changes: Partial<Crowd> = {}) => Math.max(...crowdPeaks({ ...thousand, ...changes }))

describe('a thousand isolates that all believe the same outdated counts', () => {
  it.each([
    ['least-connections', leastConnections],
    ['least-response-time', leastResponseTime],
  ])('keep the most loaded origin within 15 % of the mean by %s', (_, order) => {
    expect(worst({ order })).toBeLessThan(1.15)
  })

  it('would herd if each went for the least loaded', () => {
    expect(worst({ order: leastOfAll })).toBeGreaterThan(2)
  })

  it('would still herd if each were sure of the better of two', () => {
    expect(worst({ order: sureOfTwo })).toBeGreaterThan(1.3)
  })

  it.each([
    ['short', { lastsS: 0.5, perWeight: 200, seconds: 14 }],
    ['long', { lastsS: 30, seconds: 120 }],
  ])('do not when requests are %s', (_, changes) => {
    expect(worst(changes)).toBeLessThan(1.25)
  })

  it('share by weight', () => {
    const group = weighing(1, 1, 1, 2, 2, 2, 3, 3, 4, 4)
    expect(worst({ group, perWeight: 250 })).toBeLessThan(1.25)
  })

  it('relieve an origin that takes three times as long', () => {
    const slowness = [3]
    const relieved = worst({ slowness, seconds: 90 })
    expect(relieved).toBeLessThan(1.8)
    expect(worst({ slowness, seconds: 90, order: byChance })).toBeGreaterThan(2.3)
  })
})

it('one isolate alone is sure of what it sees', () => {
  const alone = { isolates: 1, everyS: [2, 2] as const, perWeight: 100, seconds: 20 }
  expect(worst(alone)).toBeLessThan(1.04)
})
