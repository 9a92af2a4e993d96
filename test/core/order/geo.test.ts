import { describe, expect, it } from 'vitest'
import { compileGeo } from '../../../src/core/order/geo.ts'
import type { Group } from '../../../src/core/order/order.ts'
import type { ClientFacts } from '../../../src/schema/facts.ts'
import { Steer } from '../../../src/schema/steer.ts'
import { deviation, LUCK, tally } from '../kernel/binomial.ts'
import { drawOf, everyone, groupOf, keyNumber } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('geo, where only the default fits', (group) =>
  compileGeo(geoOf({ default: weightsOf(group) }), group.ids),
)

const GROUP = groupOf([{}, {}, {}, {}, {}, {}])
const BERLIN: ClientFacts = { asn: 64_500, country: 'DE', region: 'DE-BE', continent: 'EU' }

const everywhere = geoOf({
  asns: { '64500': ['a'] },
  regions: { 'DE-BE': ['b'], 'US-CA': ['f'] },
  countries: { DE: ['c', 'b'] },
  continents: { EU: ['d', 'c'] },
  default: ['e', 'a'],
})

describe('geo', () => {
  it('goes from AS number to region, country, continent and default, naming none twice', () => {
    expect(orderFor(everywhere, BERLIN)).toBe('abcde')
  })

  it.each<[string, ClientFacts, string]>([
    ['without its AS number', { ...BERLIN, asn: 64_501 }, 'bcdea'],
    ['from another region', { country: 'DE', region: 'DE-BY', continent: 'EU' }, 'cbdea'],
    ['from another country', { country: 'FR', continent: 'EU' }, 'dcea'],
    ['from another continent', { country: 'JP', continent: 'AS' }, 'ea'],
    ['from nobody knows where', {}, 'ea'],
  ])('%s: the narrowest place that fits, then the wider ones', (_title, client, expected) => {
    expect(orderFor(everywhere, client)).toBe(expected)
  })

  it('passes over who is not eligible, and leaves out pools that only other places name', () => {
    const order = compileGeo(everywhere, GROUP.ids)
    expect(order(GROUP, [1, 3, 5], drawOf({ client: BERLIN }))).toEqual([1, 3])
    expect(order(GROUP, [5], drawOf({ client: BERLIN }))).toEqual([])
  })

  it('ends at the narrowest place that fits when nothing is to spill', () => {
    const places = { countries: { DE: ['c', 'b'] }, continents: { EU: ['d'] }, default: ['e', 'a'] }
    const strict = geoOf({ ...places, spill: 'none' })
    expect(orderFor(strict, BERLIN)).toBe('cb')
    expect(orderFor(strict, { country: 'FR', continent: 'EU' })).toBe('d')
    expect(orderFor(strict, { country: 'JP', continent: 'AS' })).toBe('ea')
  })

  it('shares a place by its own weights, each client where it is', () => {
    const order = compileGeo(
      geoOf({ countries: { DE: { a: 90, b: 10 }, FR: { a: 10, b: 90 } }, default: ['c'] }),
      GROUP.ids,
    )
    const firstsIn = (country: string) =>
      tally(2, 20_000, (n) => {
        const draw = drawOf({ key: keyNumber(n), client: { country } })
        return order(GROUP, everyone(GROUP), draw)[0] ?? -1
      })
    expect(deviation(firstsIn('DE'), [0.9, 0.1])).toBeLessThan(LUCK)
    expect(deviation(firstsIn('FR'), [0.1, 0.9])).toBeLessThan(LUCK)
    const draw = drawOf({ key: 1, client: { country: 'DE' } })
    expect(order(GROUP, everyone(GROUP), { ...draw, random: 0.1 })).toEqual(
      order(GROUP, everyone(GROUP), { ...draw, random: 0.9 }),
    )
  })

  it('keeps a pool of weight 0 behind the others of its place', () => {
    const geo = geoOf({ continents: { EU: { a: 0, b: 1 } }, default: ['c'] })
    expect(orderFor(geo, BERLIN)).toBe('bac')
  })

  it('takes a pool that a list names twice once', () => {
    expect(orderFor(geoOf({ default: ['b', 'b', 'a'] }), {})).toBe('ba')
  })

  it('does not take what every object has for a place', () => {
    expect(orderFor(everywhere, { country: 'constructor', region: '__proto__' })).toBe('ea')
  })
})

type Geo = Extract<Steer, { policy: 'geo' }>

function geoOf(places: object): Geo {
  const steer = Steer.parse({ policy: 'geo', ...places })
  if (steer.policy !== 'geo') throw new Error('not a geo policy')
  return steer
}

function orderFor(geo: Geo, client: ClientFacts): string {
  const order = compileGeo(geo, GROUP.ids)(GROUP, everyone(GROUP), drawOf({ client }))
  return order.map((member) => GROUP.ids[member]).join('')
}

function weightsOf({ ids, weights }: Group): Record<string, number> {
  return Object.fromEntries(ids.map((id, member) => [id, weights[member] ?? 0]))
}
