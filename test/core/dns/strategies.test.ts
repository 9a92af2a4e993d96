import { describe, expect, it } from 'vitest'
import { addresses, REGIONS, type Told, unhealthy, wantedOf } from '../../support/dns-record.ts'

const ALL_EU = unhealthy('eu-1', 'eu-2')

function valuesOf(...told: Parameters<typeof wantedOf>): readonly (readonly string[])[] {
  return wantedOf(...told).sets.map(({ values }) => values)
}

function countsOf(values: readonly string[] = []): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) {
    const network = value.split('.').slice(0, 3).join('.')
    counts[network] = (counts[network] ?? 0) + 1
  }
  return counts
}

function weigh(weights: Readonly<Record<string, number>>) {
  return Object.entries(weights).map(([id, weight]) => ({ variant: { by: 'weight', id, weight } }))
}

function shift(percent: number) {
  return { routes: { web: { weights: { us: 0, eu: 100 }, percent } } }
}

describe('the answers of an origin', () => {
  const pools = { us: addresses(['us-1', 'us-2'], '192.0.2') }

  it('are its own, else those of its pool, else the host of its URL', () => {
    const answers = { 'us-1': '203.0.113.7', us: ['203.0.113.8', '203.0.113.9'] }
    expect(valuesOf({ pools })).toEqual([['192.0.2.1', '192.0.2.2']])
    expect(valuesOf({ pools, record: { answers: { 'us-1': answers['us-1'] } } })).toEqual([
      ['192.0.2.2', '203.0.113.7'],
    ])
    expect(valuesOf({ pools, record: { answers } })).toEqual([
      ['203.0.113.7', '203.0.113.8', '203.0.113.9'],
    ])
  })

  it('of another type leave it out, and its pool where it has no other', () => {
    const mixed = {
      us: {
        origins: { 'us-1': { url: 'http://192.0.2.1' }, 'us-2': { url: 'http://[2001:db8::2]' } },
      },
      eu: addresses(['eu-1'], '198.51.100'),
    }
    expect(valuesOf({ pools: mixed })).toEqual([['192.0.2.1']])
    expect(valuesOf({ pools: mixed }, { origins: unhealthy('us-1') })).toEqual([['198.51.100.1']])
    const { hold } = wantedOf({ pools: mixed }, { origins: unhealthy('us-1', 'eu-1') })
    expect(hold).toContain('No origin of route "web" that may serve now has an answer of type A.')
  })

  it('are one where the record is a CNAME', () => {
    const named = {
      us: { origins: { a: { url: 'https://a.example.net' }, b: { url: 'https://b.example.net' } } },
    }
    const told = { pools: named, record: { type: 'CNAME' } } as const
    const [values = []] = valuesOf(told)
    expect(values).toHaveLength(1)
    const other = values[0] === 'a.example.net' ? 'b' : 'a'
    expect(valuesOf(told, { origins: unhealthy(other) })).toEqual([values])
  })

  it('of a pool that keeps to its first origin are that one', () => {
    const balanced = { us: { ...pools.us, balance: { algorithm: 'failover' } as const } }
    expect(valuesOf({ pools: balanced })).toEqual([['192.0.2.1']])
    expect(valuesOf({ pools: balanced }, { origins: unhealthy('us-1') })).toEqual([['192.0.2.2']])
  })

  it('are not those of an origin that only stands by', () => {
    const origins = { on: { url: 'http://192.0.2.1' }, by: { url: 'http://192.0.2.2', weight: 0 } }
    expect(valuesOf({ pools: { us: { origins } } })).toEqual([['192.0.2.1']])
    expect(valuesOf({ pools: { us: { origins } } }, { origins: unhealthy('on') })).toEqual([
      ['192.0.2.2'],
    ])
  })
})

describe('a record with strategy "failover"', () => {
  it('goes to the heaviest pool where the policy spreads by weight', () => {
    const steer = { policy: 'weighted', weights: { us: 20, eu: 80 } } as const
    expect(valuesOf({ steer })).toEqual([['198.51.100.1', '198.51.100.2']])
    expect(valuesOf({ steer }, { origins: ALL_EU })).toEqual([['192.0.2.1', '192.0.2.2']])
    const turned = { ...steer, weights: { us: 51, eu: 49 } }
    expect(valuesOf({ steer: turned })).toEqual([['192.0.2.1', '192.0.2.2']])
    const again = { ...steer, weights: { us: 49, eu: 51 } }
    expect(valuesOf({ steer: again })).toEqual([['198.51.100.1', '198.51.100.2']])
  })

  it('waits for what comes back where the route keeps clients, whatever it admits of them', () => {
    const affinity = { type: 'ip', failover: 'none' } as const
    const told: Told = { route: { affinity, writes: { pool: 'eu' } } }
    const back = { sharePercent: 50, admitPercent: 100, attempt: '1/0' }
    expect(valuesOf(told)).toEqual([['192.0.2.1', '192.0.2.2']])
    expect(valuesOf(told, { pools: { us: back } })).toEqual([['198.51.100.1', '198.51.100.2']])
    const whole = { sharePercent: 100, admitPercent: 1 }
    expect(valuesOf(told, { pools: { us: whole } })).toEqual([['192.0.2.1', '192.0.2.2']])
  })

  it('names the pool behind it where the provider has health checks of its own', () => {
    const healthChecks = { us: 'check-us', eu: 'check-eu' }
    const told = { keeper: 'able', record: { healthChecks } } as const
    const primary = { by: 'failover', id: 'primary', role: 'primary' }
    const secondary = { by: 'failover', id: 'secondary', role: 'secondary' }
    expect(wantedOf(told)).toMatchObject({
      sets: [
        { values: ['192.0.2.1', '192.0.2.2'], variant: { ...primary, healthCheck: 'check-us' } },
        {
          values: ['198.51.100.1', '198.51.100.2'],
          variant: { ...secondary, healthCheck: 'check-eu' },
        },
      ],
      reason:
        'Route "web" goes to pool "us" (2 of 2 origins). ' +
        'Behind it, should its health check fail: pool "eu" (2 of 2 origins).',
    })
    expect(wantedOf(told, { origins: ALL_EU }).sets).toMatchObject([{ variant: primary }])
  })
})

describe('a record with strategy "all-healthy"', () => {
  const record = { strategy: 'all-healthy' } as const

  it('has every answer that is well', () => {
    expect(valuesOf({ record })).toEqual([
      ['192.0.2.1', '192.0.2.2', '198.51.100.1', '198.51.100.2'],
    ])
    expect(valuesOf({ record }, { origins: unhealthy('eu-1') })).toEqual([
      ['192.0.2.1', '192.0.2.2', '198.51.100.2'],
    ])
    expect(wantedOf({ record }, { pools: { us: { sharePercent: 50 } } })).toMatchObject({
      sets: [{ values: ['198.51.100.1', '198.51.100.2'] }],
      reason: expect.stringMatching(
        /^Of route "web" everybody answers who is well: "eu" \(2 of 2 origins\)\. Not well: /,
      ),
    })
  })

  it('has the fallback pool when no other may serve', () => {
    const steer: Told['steer'] = { policy: 'failover', pools: ['us'], fallback: 'eu' }
    expect(valuesOf({ record, steer })).toEqual([['192.0.2.1', '192.0.2.2']])
    expect(valuesOf({ record, steer }, { origins: unhealthy('us-1', 'us-2') })).toEqual([
      ['198.51.100.1', '198.51.100.2'],
    ])
  })

  it('leaves out a pool without weight while another may serve', () => {
    const steer = { policy: 'weighted', weights: { us: 1, eu: 0 } } as const
    expect(valuesOf({ record, steer })).toEqual([['192.0.2.1', '192.0.2.2']])
    expect(valuesOf({ record, steer }, { origins: unhealthy('us-1', 'us-2') })).toHaveLength(1)
  })

  it('has at most so many, of each pool in turns', () => {
    const many = {
      us: addresses(['a', 'b', 'c', 'd', 'e'], '192.0.2'),
      eu: addresses(['f', 'g', 'h'], '198.51.100'),
      ap: addresses(['i'], '203.0.113'),
    }
    const [values] = valuesOf({ pools: many, record: { ...record, most: 6 } })
    expect(countsOf(values)).toEqual({ '192.0.2': 3, '198.51.100': 2, '203.0.113': 1 })
  })

  it('has no answer twice, and gives its place to another', () => {
    const answers = { us: '203.0.113.1', eu: ['203.0.113.1', '203.0.113.2'] }
    expect(valuesOf({ record: { ...record, answers, most: 2 } })).toEqual([
      ['203.0.113.1', '203.0.113.2'],
    ])
    const other = { us: '203.0.113.2', eu: ['203.0.113.1', '203.0.113.2'] }
    expect(valuesOf({ record: { ...record, answers: other, most: 2 } })).toEqual([
      ['203.0.113.1', '203.0.113.2'],
    ])
  })

  it('is a set for each pool by its region where the provider has latency records', () => {
    const latencyRegions = { us: 'us-east-1', eu: 'eu-central-1' }
    const told = { keeper: 'able', record: { ...record, latencyRegions } } as const
    expect(wantedOf(told).sets).toMatchObject([
      {
        values: ['192.0.2.1', '192.0.2.2'],
        variant: { by: 'latency', id: 'us', region: 'us-east-1' },
      },
      {
        values: ['198.51.100.1', '198.51.100.2'],
        variant: { by: 'latency', id: 'eu', region: 'eu-central-1' },
      },
    ])
    expect(wantedOf(told, { origins: ALL_EU }).sets).toMatchObject([{ variant: { id: 'us' } }])
  })
})

describe('a record with strategy "weighted"', () => {
  const record = { strategy: 'weighted' } as const
  const steer = { policy: 'weighted', weights: { us: 70, eu: 30 } } as const

  it('tells weights by the number of answers', () => {
    const pools = {
      us: addresses(['a', 'b', 'c', 'd', 'e', 'f'], '192.0.2'),
      eu: addresses(['g', 'h', 'i', 'j'], '198.51.100'),
    }
    // 5 : 2 is nearer to 70 : 30 than any of up to 8 answers.
    const [values] = valuesOf({ pools, steer, record })
    expect(countsOf(values)).toEqual({ '192.0.2': 5, '198.51.100': 2 })
    const [whole] = valuesOf({ pools, steer, record: { ...record, minimumAnswers: 8 } })
    expect(whole).toHaveLength(8)
  })

  it('has the weights of the route where the provider has some, until they are written anew', () => {
    const told = { keeper: 'able', steer, record } as const
    expect(wantedOf(told).sets).toMatchObject(weigh({ us: 70, eu: 30 }))
    expect(wantedOf(told, { origins: ALL_EU }).sets).toMatchObject(weigh({ us: 70 }))
    const fine = { policy: 'weighted', weights: { us: 999.5, eu: 0.5 } } as const
    const large = { policy: 'weighted', weights: { us: 1020, eu: 510 } } as const
    expect(wantedOf({ ...told, steer: large }).sets).toMatchObject(weigh({ us: 255, eu: 128 }))
    expect(wantedOf({ ...told, steer: fine }).sets).toMatchObject(weigh({ us: 255, eu: 1 }))
    expect(wantedOf(told).reason).toBe(
      'Of route "web" pools answer by weight: "us" (2 of 2 origins) by weight 70, "eu" (2 of 2 origins) by weight 30.',
    )
  })

  it('follows weights that were shifted once they have arrived', () => {
    const told = { keeper: 'able', steer, record } as const
    const ids = (percent: number) =>
      wantedOf(told, shift(percent)).sets.map(({ variant }) => variant?.id)
    expect(ids(99)).toEqual(['us', 'eu'])
    expect(ids(100)).toEqual(['eu'])
  })
})

describe('what a record has besides', () => {
  it('is the owner, a lower TTL while something is not well, and no TTL of its own behind a proxy', () => {
    const bad = { origins: unhealthy('us-2') }
    expect(wantedOf({ record: { ttl: 300 } }, bad).sets).toMatchObject([{ ttl: 150 }])
    expect(wantedOf({ record: { ttl: 300, degradedTtl: 20 } }, bad).sets).toMatchObject([
      { ttl: 20 },
    ])
    expect(wantedOf({ keeper: 'proxy' }, bad).sets).toMatchObject([{ ttl: 60 }])
    const [proxied] = wantedOf({ keeper: 'proxy', record: { proxied: true } }, bad).sets
    expect(proxied).toMatchObject({ ttl: 1, proxied: true })
    expect(wantedOf({ record: { proxied: false } }, bad).sets[0]).not.toHaveProperty('proxied')
  })

  it('is nothing where the route is off or the pool is out by hand alone', () => {
    expect(wantedOf({ route: { enabled: false } })).toMatchObject({
      sets: [],
      degraded: false,
      hold: 'Route "web" is off. What stands, stays.',
    })
    const shed = { newPercent: 100 }
    expect(valuesOf({}, { pools: { us: { shed } } })).toEqual([['198.51.100.1', '198.51.100.2']])
    expect(valuesOf({}, { pools: { us: { shed: { newPercent: 99 } } } })).toEqual([
      ['192.0.2.1', '192.0.2.2'],
    ])
  })

  it('says what is not well, in few words', () => {
    const { reason } = wantedOf(
      {},
      {
        origins: {
          'us-1': { health: 'degraded', evidence: 'slow' },
          'us-2': { state: 'maintenance' },
          'eu-1': { state: 'drain' },
        },
        pools: { eu: { shed: { newPercent: 20 } } },
      },
    )
    expect(reason).toBe(
      'Route "web" goes to pool "us" (1 of 2 origins). Not well: origin "us-1" is degraded (slow), ' +
        'origin "us-2" is in maintenance, pool "eu" sheds 20 % of new clients, origin "eu-1" drains. ' +
        'TTL 30 s until all is well.',
    )
  })

  it.each([
    [
      { sharePercent: 25.5, attempt: '1/0' },
      'come back, and DNS waits for the end of their ramps ("eu-1": 25 %)',
    ],
    [{ sharePercent: 40 }, 'leave ("eu-1": 40 %)'],
    [{ health: 'unhealthy', evidence: 'no answer' }, 'are unhealthy ("eu-1": no answer)'],
    [{ health: 'degraded', evidence: 'slow' }, 'are degraded ("eu-1": slow)'],
    [{ state: 'maintenance' }, 'are in maintenance'],
    [{ state: 'drain' }, 'drain'],
  ] as const)('tells the same trouble of many once: %j', (condition, words) => {
    const { reason } = wantedOf({}, { origins: { 'eu-1': condition, 'eu-2': condition } })
    expect(reason).toContain(`Not well: 2 of 2 origins of pool "eu" ${words}. TTL`)
  })

  it('says when a pool has too few origins', () => {
    const short = {
      pools: { us: { ...REGIONS['us'], minimumOrigins: 2 }, eu: REGIONS['eu'] },
    } as Parameters<typeof wantedOf>[0]
    expect(wantedOf(short, { origins: unhealthy('us-1') }).reason).toContain(
      'pool "us" has 1 of at least 2 usable origins',
    )
  })
})
