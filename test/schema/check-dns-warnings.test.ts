import { describe, expect, it } from 'vitest'
import { addresses, configOf, problemsOf, type Told } from '../support/dns-record.ts'

type Steer = NonNullable<Told['steer']>

function tell(told: Told): string[] {
  return problemsOf(configOf(told))
}

const ONE_EACH = { us: addresses(['us-1'], '192.0.2'), eu: addresses(['eu-1'], '198.51.100') }
const WEIGHTS: Steer = { policy: 'weighted', weights: { us: 70, eu: 30 } }
const PLACES: Extract<Steer, { policy: 'geo' }> = {
  policy: 'geo',
  countries: { DE: ['eu'] },
  default: ['us'],
}

describe('a record that works otherwise than it seems', () => {
  it.each<[string, Told, string[]]>([
    [
      'is "proxied" where nobody can',
      { record: { proxied: true } },
      ['warning proxied: "proxied" has no effect at a provider of type "rfc2136" (remove it)'],
    ],
    [
      'lowers a TTL that it does not have',
      { keeper: 'proxy', record: { proxied: true, degradedTtl: 60 } },
      ['warning degradedTtl: a proxied record has no TTL of its own (remove "degradedTtl")'],
    ],
    [
      'raises its TTL when it should lower it',
      { record: { degradedTtl: 61 } },
      [
        'warning degradedTtl: "degradedTtl" is longer than "ttl": resolvers would learn later, not sooner (make it shorter, or remove it)',
      ],
    ],
    [
      'is of a route that is off',
      { route: { enabled: false } },
      [
        'warning route: route "web" is off, so the record stays as it stands (enable it, or remove the record)',
      ],
    ],
    [
      'answers with one pool of many',
      { steer: WEIGHTS },
      [
        'warning strategy: the policy "weighted" spreads requests over pools, and "failover" answers with one of them (use "all-healthy" or "weighted", or a route of its own with the policy "failover")',
      ],
    ],
    [
      'passes over the places of its route',
      { steer: PLACES, record: { strategy: 'all-healthy' } },
      [
        'warning strategy: "all-healthy" passes over the places of route "web": everybody gets the same answers (use "geo" where the provider has places, or "failover" for the default place)',
      ],
    ],
    [
      'goes by weights that are all the same',
      { record: { strategy: 'weighted' } },
      [
        'warning strategy: the pools of the route weigh the same, so "weighted" answers with all alike (give the route weights, or use "all-healthy")',
      ],
    ],
    [
      'has weights that nobody can see',
      { steer: WEIGHTS, pools: ONE_EACH, record: { strategy: 'weighted' } },
      [
        'warning strategy: a provider of type "rfc2136" has no weights, and pools of one answer each cannot tell them by number (give pools several addresses, or use "failover" or "all-healthy")',
      ],
    ],
    [
      'cannot tell every place of its route',
      {
        keeper: 'able',
        steer: {
          ...PLACES,
          asns: { '64500': ['us'] },
          countries: { T1: ['us'] },
          regions: { 'DE-BE': ['eu'], 'US-CA': ['us'] },
        },
        record: { strategy: 'geo', answers: { eu: '192.0.2.9' } },
      },
      [
        'warning /routes/web/steer/asns: DNS knows no AS numbers: record "www" passes it over, and answers as the wider place says (nothing, if that is meant; or give the record a route of its own)',
        'warning /routes/web/steer/countries/T1: "T1" is no country in DNS: record "www" passes it over, and answers as the wider place says (nothing, if that is meant; or give the record a route of its own)',
        'warning /routes/web/steer/regions/DE-BE: a provider of type "route53" does not know the region "DE-BE": record "www" passes it over, and answers as the wider place says (nothing, if that is meant; or give the record a route of its own)',
      ],
    ],
    [
      'has what another strategy goes by',
      { keeper: 'able', record: { latencyRegions: { us: 'us-east-1', eu: 'eu-west-1' } } },
      [
        'warning latencyRegions: "latencyRegions" has no effect with the strategy "failover" (remove it, or use "all-healthy")',
      ],
    ],
    [
      'has a health check of a pool that it never goes to',
      { keeper: 'able', record: { healthChecks: { us: 'a', eu: 'b', ap: 'c' } } },
      ['warning healthChecks/ap: route "web" has no pool "ap" (remove it, or correct the name)'],
    ],
    [
      'has an answer of a pool that it never goes to',
      { steer: { policy: 'failover', pools: ['us'] }, record: { answers: { eu: '192.0.2.9' } } },
      ['warning answers/eu: route "web" never goes to "eu" (remove it, or correct the name)'],
    ],
    [
      'goes on without an origin',
      {
        pools: {
          us: { origins: { 'us-1': { url: 'http://192.0.2.1' }, 'us-2': { url: 'http://[::1]' } } },
        },
      },
      [
        'warning answers: origin "us-2" of pool "us" has no answer of type A: the record goes on without it (give "us-2" one, if it has any)',
      ],
    ],
  ])('if it %s', (_, told, problems) => {
    expect(tell(told)).toEqual(problems)
  })

  it('has a mark longer than comments of the least plan', () => {
    const { dns, ...config } = configOf({ keeper: 'proxy' })
    const id = `r${'x'.repeat(62)}`
    const short = id.slice(0, -3)
    const { www } = dns?.records ?? {}
    const shorter = { ...config, dns: { ...dns, records: www && { [short]: www } } }
    expect(problemsOf(shorter)).toEqual([])
    expect(problemsOf({ ...config, dns: { ...dns, records: www && { [id]: www } } })).toEqual([
      `warning ${id}/name: the mark of this record has 103 characters, and a comment in a zone of the least plan 100 (take a shorter id or a shorter "dns.owner", unless the plan has longer ones)`,
    ])
  })

  it('is one of more in its zone than one run may change', () => {
    const { dns, ...config } = configOf({})
    const { www } = dns?.records ?? {}
    if (www === undefined) throw new Error('there is no record')
    const records = Object.fromEntries(
      Array.from({ length: 11 }, (_, at) => [`r${at}`, { ...www, name: `r${at}.example.com` }]),
    )
    expect(problemsOf({ ...config, dns: { ...dns, records } })).toEqual([
      'warning /dns/maximumChanges: the zone keeper/example.com has 11 records, and a run, once a minute, changes 10: the last of them moves up to 1 min after the first (set "maximumChanges" to 11, unless they should move by parts)',
    ])
    expect(problemsOf({ ...config, dns: { ...dns, records, maximumChanges: 11 } })).toEqual([])
  })
})
