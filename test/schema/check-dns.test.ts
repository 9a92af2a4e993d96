import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { addresses, configOf, problemsOf, REGIONS, type Told } from '../support/dns-record.ts'

type Steer = NonNullable<Told['steer']>
type Records = NonNullable<NonNullable<AuthoredConfig['dns']>['records']>

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
const NAMED = { us: { origins: { 'us-1': { url: 'https://us.example.net' } } } }

const NAMES = {
  us: { origins: { 'us-1': { url: 'https://us.example.net' } } },
  eu: { origins: { 'eu-1': { url: 'https://eu.example.net' } } },
}

describe('a record that is right', () => {
  it.each<Told>([
    {},
    { keeper: 'proxy', record: { proxied: true } },
    { keeper: 'proxy', pools: NAMED, record: { name: 'example.com', type: 'CNAME' } },
    { record: { name: `${'a.'.repeat(115)}example.com` } },
    { steer: WEIGHTS, record: { strategy: 'weighted' } },
    { keeper: 'able', steer: WEIGHTS, pools: ONE_EACH, record: { strategy: 'weighted' } },
    { keeper: 'able', steer: PLACES, record: { strategy: 'geo' } },
    { steer: { policy: 'weighted', weights: { us: 1, eu: 2 } }, record: { strategy: 'weighted' } },
    { record: { degradedTtl: 60 } },
    {
      keeper: 'able',
      pools: NAMES,
      steer: WEIGHTS,
      record: { type: 'CNAME', strategy: 'weighted' },
    },
    {
      keeper: 'able',
      pools: NAMES,
      record: {
        type: 'CNAME',
        strategy: 'all-healthy',
        latencyRegions: { us: 'us-east-1', eu: 'eu-west-1' },
      },
    },
    { keeper: 'able', record: { healthChecks: { us: 'a', eu: 'b' } } },
    {
      keeper: 'able',
      record: { strategy: 'all-healthy', latencyRegions: { us: 'us-east-1', eu: 'eu-west-1' } },
    },
    {
      record: {
        name: '_sip._tcp.example.com',
        type: 'SRV',
        answers: { us: '10 5 5060 sip.example.com', eu: '20 5 5060 sip.example.net' },
      },
    },
  ])('has no problem: %j', (told) => {
    expect(tell(told)).toEqual([])
  })
})

describe('a record that cannot work', () => {
  it.each<[string, Told, string[]]>([
    [
      'outside its zone',
      { record: { name: 'www.example.org' } },
      [
        'error name: "www.example.org" is not in the zone "example.com" (write the whole name, as in "www.example.com", or correct the zone)',
      ],
    ],
    [
      'in the place of a mark',
      { record: { name: '_portolan-a.example.com' } },
      [
        'error name: names that begin with "_portolan-" are of the records that mark others (take another name)',
      ],
    ],
    [
      'that leaves no room for the name of its mark',
      { record: { name: `${'a.'.repeat(116)}example.com` } },
      [
        'error name: beside it stands a TXT that marks it, and the name of that has 255 characters of at most 253 (take a shorter name)',
      ],
    ],
    [
      'that is an alias of the top of a zone',
      { pools: NAMED, record: { name: 'example.com', type: 'CNAME' } },
      [
        'error type: the top of a zone cannot be a CNAME at a provider of type "rfc2136" (RFC 1034 §3.6.2) (use types A and AAAA with the addresses of the pools under "answers")',
      ],
    ],
    [
      'with a TTL that its provider does not take',
      { keeper: 'proxy', record: { ttl: 30, degradedTtl: 20 } },
      [
        'error ttl: a provider of type "cloudflare" takes no TTL below 60 s (use at least 60)',
        'error degradedTtl: a provider of type "cloudflare" takes no TTL below 60 s (use at least 60)',
      ],
    ],
    [
      'that is proxied and no address',
      { keeper: 'proxy', record: { type: 'TXT', answers: { us: 'a', eu: 'b' }, proxied: true } },
      ['error proxied: a record of type TXT cannot be proxied (remove it)'],
    ],
    [
      'with an answer of another type, or of none',
      { record: { answers: { us: '2001:db8::1', 'eu-1': ['192.0.2.9', '192.0.2.300'] } } },
      [
        'error answers/us: "2001:db8::1" is no IPv4 address, such as "192.0.2.1" (write it as a zone file would for type A)',
        'error answers/eu-1: "192.0.2.300" is no IPv4 address, such as "192.0.2.1" (write it as a zone file would for type A)',
      ],
    ],
    [
      'with an answer of nobody',
      { record: { answers: { uk: '192.0.2.9' } } },
      ['error answers/uk: there is no pool and no origin "uk" (correct the name, or remove it)'],
    ],
    [
      'with two values where one is all',
      { pools: NAMED, record: { type: 'CNAME', answers: { us: ['a.example', 'b.example'] } } },
      ['error answers/us: a CNAME has one value, and this answer has 2 (leave one of them)'],
    ],
    [
      'with a pool that is nothing in DNS',
      { record: { type: 'AAAA', answers: { us: '2001:db8::1' } } },
      [
        'error answers: pool "eu" has no answer of type AAAA, so it could never take over (give "eu" or its origins one: the hosts of their URLs are of another type)',
      ],
    ],
    [
      'with more answers to keep than there may be',
      { record: { minimumAnswers: 9 } },
      [
        'error minimumAnswers: "minimumAnswers" is 9, and the record has at most 8 (lower it to at most 8)',
      ],
    ],
    [
      'with more answers to keep than a pool has',
      { record: { minimumAnswers: 3 } },
      [
        'error minimumAnswers: "minimumAnswers" is 3, but pool "us" has 2: it could never take over (lower it to at most 2, or give the pool more answers)',
      ],
    ],
    [
      'with more answers to keep than all pools have',
      { record: { strategy: 'all-healthy', minimumAnswers: 5 } },
      [
        'error minimumAnswers: "minimumAnswers" is 5, but all pools together have 4 (lower it to at most 4, or add answers)',
      ],
    ],
    [
      'of a route that answers itself',
      { route: { steer: undefined, respond: {} } },
      [
        'error route: route "web" answers itself, and has no pools to answer with (name a route that steers to pools)',
      ],
    ],
    [
      'by place where the provider has none',
      { steer: PLACES, record: { strategy: 'geo' } },
      [
        'error strategy: a provider of type "rfc2136" cannot answer by place (use "failover" or "all-healthy", or a provider of type "route53")',
      ],
    ],
    [
      'by place where the route has none',
      { keeper: 'able', record: { strategy: 'geo' } },
      [
        'error strategy: route "web" does not go by place: its policy is "failover" (use a route with the policy "geo")',
      ],
    ],
    [
      'with several values where one is all',
      { pools: NAMED, record: { type: 'CNAME', strategy: 'all-healthy' } },
      [
        'error strategy: a CNAME has one value, and "all-healthy" would give it several (use "failover", or types A and AAAA with the addresses under "answers")',
      ],
    ],
    [
      'with several values where one is all, though the provider has variants',
      { keeper: 'able', pools: NAMES, record: { type: 'CNAME', strategy: 'all-healthy' } },
      [
        'error strategy: a CNAME has one value, and "all-healthy" would give it several (use "failover", or types A and AAAA with the addresses under "answers")',
      ],
    ],
    [
      'with weights where one value is all',
      { pools: NAMES, steer: WEIGHTS, record: { type: 'CNAME', strategy: 'weighted' } },
      [
        'error strategy: a CNAME has one value, and "weighted" would give it several (use "failover", or types A and AAAA with the addresses under "answers")',
      ],
    ],
    [
      'with health checks that its provider does not have',
      { record: { healthChecks: { us: 'a', eu: 'b' } } },
      [
        'error healthChecks: "healthChecks" is for Route 53, and this provider is of type "rfc2136" (remove it)',
      ],
    ],
    [
      'without the health check of a pool',
      { keeper: 'able', record: { healthChecks: { us: 'a' } } },
      ['error healthChecks: pool "eu" of route "web" has no health check (give "eu" one, too)'],
    ],
    [
      'of more places than the provider takes',
      {
        keeper: 'able',
        steer: {
          ...PLACES,
          regions: Object.fromEntries(
            Array.from({ length: 100 }, (_, at) => [`US-${at + 10}`, ['us']]),
          ),
        },
        record: { strategy: 'geo' },
      },
      [
        'error strategy: it would have 102 record sets, and a provider of type "route53" takes 100 of one name and type (name fewer, in a route of its own)',
      ],
    ],
  ])('is one %s', (_, told, problems) => {
    expect(tell(told)).toEqual(problems)
  })
})

it('a record of an unknown provider or route is told as such, and once', () => {
  expect(tell({ record: { provider: 'nobody', name: 'www.example.org' } })).toEqual([
    'error provider: there is no provider "nobody" (define "nobody" under "dns.providers", or correct the name)',
  ])
  expect(tell({ record: { route: 'nowhere' } })).toEqual([
    'error route: there is no route "nowhere" (define "nowhere" under "routes", or correct the name)',
  ])
})

describe('records beside each other', () => {
  const { dns, ...config } = configOf({ pools: { us: REGIONS['us'] ?? { origins: {} } } })
  const www = dns?.records?.['www'] as Records[string]
  const answers = { us: 'a.example.net' }

  function tellBoth(second: Partial<Records[string]>): string[] {
    const records: Records = { www, second: { ...www, ...second } }
    return problemsOf({ ...config, dns: { ...dns, records } })
  }

  it('may have one name by different types, and one type by different names', () => {
    const mail = { us: 'v=spf1 -all' }
    expect(tellBoth({ type: 'TXT', answers: mail })).toEqual([])
    expect(tellBoth({ name: '*.example.com' })).toEqual([])
  })

  it('may not be the same', () => {
    expect(tellBoth({})).toEqual([
      'error second/name: record "www" is A of "www.example.com" already: they would write it in turns (remove one of the two)',
    ])
  })

  it('leave an alias alone', () => {
    expect(tellBoth({ type: 'CNAME', answers })).toEqual([
      'error second/name: record "www" has this name, too, and a CNAME stands alone (RFC 1034 §3.6.2) (take another name, or another type)',
    ])
  })
})
