import { describe, expect, it } from 'vitest'
import { addresses, REGIONS, type Told, unhealthy, wantedOf } from '../../support/dns-record.ts'

describe('a record with strategy "geo"', () => {
  const pools = { ...REGIONS, de: addresses(['de-1'], '203.0.113') }
  const record = { strategy: 'geo' } as const
  const steer = {
    policy: 'geo',
    regions: { 'US-CA': ['us'] },
    countries: { DE: { de: 90, eu: 10 }, T1: ['us'] },
    continents: { EU: ['eu'] },
    default: ['us', 'eu'],
  } satisfies Told['steer']
  const told: Told = { keeper: 'able', pools, steer, record }

  it('has the pool of each place that the route names, and of all others', () => {
    const { sets, reason } = wantedOf(told)
    expect(sets.map(({ variant, values }) => [variant, values[0]])).toEqual([
      [{ by: 'place', id: 'default', place: 'default' }, '192.0.2.1'],
      [{ by: 'place', id: 'continent-EU', place: { continent: 'EU' } }, '198.51.100.1'],
      [{ by: 'place', id: 'country-DE', place: { country: 'DE' } }, '203.0.113.1'],
      [{ by: 'place', id: 'region-US-CA', place: { region: 'US-CA' } }, '192.0.2.1'],
    ])
    expect(reason).toBe(
      'Route "web" goes by place: default "us", continent-EU "eu", country-DE "de", region-US-CA "us".',
    )
  })

  it('goes to the next wider place where one is out', () => {
    expect(wantedOf(told, { origins: unhealthy('de-1') }).reason).toContain('country-DE "eu", ')
    const both = unhealthy('de-1', 'eu-1', 'eu-2')
    expect(wantedOf(told, { origins: both }).reason).toContain(
      'continent-EU "us", country-DE "us", ',
    )
  })

  it('goes in a place by its order where it has one, whatever else weighs', () => {
    const countries = { DE: ['eu', 'de'], FR: { eu: 10, de: 90 } }
    const { reason } = wantedOf({ ...told, steer: { ...steer, countries } })
    expect(reason).toContain('country-DE "eu", country-FR "de", ')
  })

  it('is left as it stands where one place has no answer: a wider one would answer there', () => {
    const off = { url: 'http://203.0.113.1', state: 'maintenance' } as const
    const origins = { 'de-1': { url: 'http://[2001:db8::1]' }, 'de-2': off }
    const named = { ...pools, de: { origins } }
    const strict: Told['steer'] = {
      ...steer,
      spill: 'none',
      countries: { DE: ['de'] },
      continents: {},
    }
    const { sets, hold } = wantedOf({ ...told, pools: named, steer: strict })
    expect(sets).toEqual([])
    expect(hold).toContain('No origin of route "web" that may serve now has an answer of type A.')
  })

  it('lets a place stay as ever where nobody may serve, and the others move', () => {
    const strict: Told = { ...told, steer: { ...steer, spill: 'none' } }
    const { sets, reason } = wantedOf(strict, {
      origins: unhealthy('us-1', 'us-2', 'de-1', 'eu-1', 'eu-2'),
    })
    expect(sets).toEqual([])
    expect(reason).toContain('No pool of route "web" may serve.')
    const some = wantedOf(strict, { origins: unhealthy('us-1', 'us-2', 'de-1') })
    expect(some.reason).toMatch(
      /default "eu", continent-EU "eu", country-DE "eu", region-US-CA "us" \(as ever, since nobody may serve\)\./,
    )
    expect(some.sets.map(({ values }) => values[0])).toEqual([
      '198.51.100.1',
      '198.51.100.1',
      '198.51.100.1',
      '192.0.2.1',
    ])
  })
})
