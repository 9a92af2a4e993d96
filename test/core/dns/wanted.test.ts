import { describe, expect, it } from 'vitest'
import { wantedRecords } from '../../../src/core/dns/wanted.ts'
import { documentOf } from '../../support/builders.ts'
import { configOf, type Told, unhealthy, wantedOf } from '../../support/dns-record.ts'

const US = ['192.0.2.1', '192.0.2.2']
const EU = ['198.51.100.1', '198.51.100.2']

function valuesOf(...told: Parameters<typeof wantedOf>): readonly (readonly string[])[] {
  return wantedOf(...told).sets.map(({ values }) => values)
}

describe('a record with strategy "failover"', () => {
  it('answers with the pool that a request would go to', () => {
    expect(wantedOf({})).toEqual({
      record: 'www',
      key: { name: 'www.example.com', type: 'A' },
      sets: [
        {
          name: 'www.example.com',
          type: 'A',
          ttl: 60,
          values: US,
          mark: { owner: 'portolan', record: 'www' },
        },
      ],
      degraded: false,
      reason: 'Route "web" goes to pool "us" (2 of 2 origins).',
    })
  })

  it('leaves out an origin that is out, says why, and lowers its TTL', () => {
    const { sets, degraded, reason } = wantedOf({}, { origins: unhealthy('us-2') })
    expect(sets).toMatchObject([{ ttl: 30, values: ['192.0.2.1'] }])
    expect(degraded).toBe(true)
    expect(reason).toBe(
      'Route "web" goes to pool "us" (1 of 2 origins). Not well: origin "us-2" is unhealthy (3 of 3 probes failed). ' +
        'TTL 30 s until all is well.',
    )
  })

  it('moves to the next pool when the first is out', () => {
    expect(valuesOf({}, { origins: unhealthy('us-1', 'us-2') })).toEqual([EU])
    expect(valuesOf({}, { pools: { us: { state: 'maintenance' } } })).toEqual([EU])
    expect(valuesOf({}, { pools: { us: { state: 'drain' } } })).toEqual([EU])
  })

  it('comes back when the ramp is over, and not before', () => {
    for (const sharePercent of [0, 10, 99.9]) {
      expect(valuesOf({}, { pools: { us: { sharePercent } } })).toEqual([EU])
    }
    expect(wantedOf({}, { pools: { us: { sharePercent: 75, attempt: '1/0' } } }).reason).toBe(
      'Route "web" goes to pool "eu" (2 of 2 origins). ' +
        'Not well: pool "us" takes 75 % of its traffic, and DNS waits for the end of its ramp. TTL 30 s until all is well.',
    )
    // The last step has to be stood, too: a ramp that goes back from it would take the answer out again.
    const last = wantedOf({}, { pools: { us: { sharePercent: 100, attempt: '1/0' } } })
    expect(last).toMatchObject({ degraded: true, sets: [{ values: EU }] })
    expect(valuesOf({}, { pools: { us: { sharePercent: 100 } } })).toEqual([US])
  })

  it('takes what is not wholly back where no other may serve', () => {
    const conditions = { pools: { us: { sharePercent: 10 } }, origins: unhealthy('eu-1', 'eu-2') }
    const { sets, reason } = wantedOf({}, conditions)
    expect(sets).toMatchObject([{ values: US }])
    expect(reason).toContain(
      'No other may serve, so those answer that have not all of their traffic back yet.',
    )
  })

  it('leaves what stands when everybody is out', () => {
    const all = unhealthy('us-1', 'us-2', 'eu-1', 'eu-2')
    expect(wantedOf({}, { origins: all })).toMatchObject({
      sets: [],
      degraded: true,
      hold:
        'No pool of route "web" may serve. What stands, stays. ' +
        'Not well: 2 of 2 origins of pool "us" are unhealthy ("us-1": 3 of 3 probes failed), ' +
        '2 of 2 origins of pool "eu" are unhealthy ("eu-1": 3 of 3 probes failed).',
    })
    const refuse = { route: { panic: { rule: 'refuse' } } } as const
    expect(wantedOf(refuse, { origins: all })).toMatchObject({ sets: [] })
  })

  it('answers with the fallback pool when every other is out, and says so', () => {
    const steer: Told['steer'] = { policy: 'failover', pools: ['us'], fallback: 'eu' }
    const { sets, reason } = wantedOf({ steer }, { origins: unhealthy('us-1', 'us-2') })
    expect(sets).toMatchObject([{ values: EU }])
    expect(reason).toContain('Every other pool is out, so the fallback pool answers.')
  })
})

describe('what is wanted', () => {
  it('is of one zone at one provider', () => {
    const document = documentOf(configOf({}))
    expect(wantedRecords(document, { provider: 'keeper', zone: 'example.org' }, 0)).toEqual([])
    expect(wantedRecords(document, { provider: 'other', zone: 'example.com' }, 0)).toEqual([])
    expect(wantedRecords(documentOf({}), { provider: 'keeper', zone: 'example.com' }, 0)).toEqual(
      [],
    )
  })
})
