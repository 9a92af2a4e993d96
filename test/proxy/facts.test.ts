import { describe, expect, it } from 'vitest'
import { needsPlace, toClientFacts } from '../../src/proxy/client-facts.ts'
import { parseLocalFacts } from '../../src/proxy/local-facts.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, factsOf, requestOf } from './builders.ts'

const IP = '203.0.113.7'

describe('the facts of a request', () => {
  const asking = snapshotOf(
    configOf({
      route: {
        match: {
          headers: { 'x-a': 'x' },
          cookies: { session: 'x', other: 'x' },
          query: { q: 'x' },
        },
      },
    }),
  )

  it('hold what the snapshot asks for and nothing else', () => {
    const headers = { 'x-a': '1', 'x-b': '2', cookie: 'a=b; session="s=1"; session=later' }
    const facts = factsOf(requestOf('/p?q=a%20b&q=c&r=d', headers), asking)
    expect(facts).toMatchObject({
      method: 'GET',
      scheme: 'https',
      host: 'www.example.com',
      path: '/p',
      headers: { 'x-a': '1' },
      cookies: { session: 's=1' },
      query: { q: 'a b' },
    })
  })

  it('are empty where nothing is asked for', () => {
    const facts = factsOf(requestOf('/p?q=1', { cookie: 'a=b' }), snapshotOf(configOf()))
    expect([facts.headers, facts.cookies, facts.query]).toEqual([{}, {}, {}])
  })
})

/** A request as the edge hands it over, with what it knows. */
function at(cf: object): Request {
  return { cf } as unknown as Request
}

function needs(difference: Difference): boolean {
  return needsPlace(snapshotOf(configOf(difference)))
}

describe('what the edge knows of a client', () => {
  it('is taken over in the forms that routes are written in', () => {
    const cf = {
      asn: 64_500,
      continent: 'NA',
      country: 'US',
      regionCode: 'CA',
      city: 'Los Angeles',
      colo: 'LAX',
      latitude: '34.05',
      longitude: '-118.24',
    }
    expect(toClientFacts(at(cf), IP)).toEqual({
      ip: IP,
      asn: 64_500,
      continent: 'NA',
      country: 'US',
      region: 'US-CA',
      city: 'Los Angeles',
      colo: 'LAX',
      location: { latitude: 34.05, longitude: -118.24 },
    })
  })

  it.each([
    [{}, {}],
    [{ country: 'T1' }, { country: 'T1' }],
    [{ regionCode: 'CA' }, {}],
    [{ latitude: '95', longitude: '0' }, {}],
    [{ latitude: '', longitude: '' }, {}],
    [{ latitude: 'x', longitude: '0' }, {}],
    [{ asn: '64500', city: 5 }, {}],
  ])('of %j is %j', (cf, facts) => {
    expect(toClientFacts(at(cf), undefined)).toEqual(facts)
  })

  it('is asked for only where a route or a policy goes by place', () => {
    expect(needs({})).toBe(false)
    expect(needs({ route: { match: { countries: ['DE'] } } })).toBe(true)
    expect(needs({ route: { match: [{ path: '/a' }, { asns: [64_500] }] } })).toBe(true)
    expect(needs({ pool: { balance: { algorithm: 'proximity' } } })).toBe(true)
    expect(needs({ route: { cache: { key: { country: true } } } })).toBe(true)
    expect(needs({ route: { cache: {} } })).toBe(false)
    const steer = { policy: 'geo' as const, default: ['main'] }
    expect(needs({ route: { steer } })).toBe(true)
  })
})

describe('facts for trying things out', () => {
  it('stand for everything the edge would know but the address', () => {
    const header = '{"country":"DE","region":"DE-BE","latitude":52.5,"longitude":13.4}'
    expect(parseLocalFacts(header, IP)).toEqual({
      ok: true,
      facts: {
        ip: IP,
        country: 'DE',
        region: 'DE-BE',
        location: { latitude: 52.5, longitude: 13.4 },
      },
    })
    expect(parseLocalFacts('{"ip":"2001:db8::1"}', IP)).toEqual({
      ok: true,
      facts: { ip: '2001:db8::1' },
    })
  })

  it.each([
    ['not json', 'expected object'],
    ['[]', 'expected object'],
    ['{"town":"Berlin"}', 'Unrecognized key: "town"'],
    ['{"ip":"nowhere"}', 'ip '],
    ['{"latitude":99,"longitude":0}', 'latitude '],
    ['{"latitude":9}', 'latitude and longitude go together'],
  ])('%s is refused with the cause', (header, cause) => {
    const parsed = parseLocalFacts(header, IP)
    expect(parsed).toMatchObject({ ok: false, detail: expect.stringContaining(cause) })
  })
})
