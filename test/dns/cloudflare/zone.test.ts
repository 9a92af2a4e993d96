import { describe, expect, it } from 'vitest'
import { openCloudflareZone } from '../../../dns/cloudflare.ts'
import type { RecordSet } from '../../../src/schema/dns-record-set.ts'
import { change, COMMENT, givenZone, ONE, setOf, TWO } from './given.ts'

const KEYS = [{ name: 'www.example.com', type: 'A' }] as const
const DONE = { outcome: 'done' }

describe('a zone at Cloudflare', () => {
  it.each<[string, RecordSet]>([
    ['A', setOf(['192.0.2.1', '192.0.2.2'])],
    ['AAAA', setOf(['2001:db8::1'], { type: 'AAAA' })],
    ['CNAME', setOf(['eu.example.net'], { type: 'CNAME', name: 'example.com' })],
    ['SRV', setOf(['10 5 5060 sip.example.com', '20 0 5060 sip2.example.com'], { type: 'SRV' })],
    ['TXT', setOf(['"a \\"b\\" c;d"', `"${'x'.repeat(255)}" "y"`], { type: 'TXT' })],
    [
      'HTTPS',
      setOf(['1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1', '0 www.example.net'].toSorted(), {
        type: 'HTTPS',
      }),
    ],
    ['a wildcard', setOf(['192.0.2.1'], { name: '*.example.com' })],
    ['proxied', setOf(['192.0.2.1'], { proxied: true, ttl: 1 })],
  ])('writes and reads back %s', async (_, set) => {
    const { zone, server } = await givenZone()
    expect(await zone.apply([change(undefined, set)])).toEqual([DONE])
    expect(await zone.read([set])).toEqual({ ok: true, value: [set] })
    const count = server.received.length
    expect(await zone.apply([change(undefined, set), change(set, set)])).toEqual([DONE, DONE])
    // What stands already costs a look, and no write.
    expect(server.received).toHaveLength(count + 1)
  })

  it('reads what others wrote by hand, as they may write it', async () => {
    const { zone, held } = await givenZone()
    const name = 'hand.example.com'
    held.create({ name, type: 'TXT', content: 'no quotes' })
    held.create({ name, type: 'AAAA', content: '2001:DB8::0:1', ttl: 300 })
    held.create({ name, type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn="h3,h2"' } })
    const keys = (['TXT', 'AAAA', 'HTTPS', 'A'] as const).map((type) => ({ name, type }))
    expect(await zone.read(keys)).toEqual({
      ok: true,
      value: [
        { name, type: 'TXT', ttl: 1, values: ['"no quotes"'] },
        { name, type: 'AAAA', ttl: 300, values: ['2001:db8::1'] },
        { name, type: 'HTTPS', ttl: 1, values: ['1 . alpn=h3,h2'] },
      ],
    })
  })

  it('changes answers in one batch, in place, and leaves settings and ids as they are', async () => {
    const { zone, held, server } = await givenZone()
    const settings = { ipv4_only: true }
    const { id } = held.create({
      ...KEYS[0],
      ttl: 60,
      content: '192.0.2.1',
      comment: COMMENT,
      settings,
    })
    expect(await zone.apply([change(ONE, setOf(['192.0.2.2'], { ttl: 120 }))])).toEqual([DONE])
    expect(held.records()).toMatchObject([{ id, content: '192.0.2.2', ttl: 120, settings }])
    expect(server.received.map(({ method }) => method)).toEqual(['GET', 'POST'])
  })

  it('adds and removes answers, and removes a set', async () => {
    const { zone, answers } = await givenZone()
    const three = setOf(['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    await zone.apply([change(undefined, ONE)])
    expect(await zone.apply([change(ONE, three)])).toEqual([DONE])
    expect(answers()).toEqual(three.values)
    expect(await zone.apply([change(three, TWO)])).toEqual([DONE])
    expect(answers()).toEqual(['192.0.2.2'])
    expect(await zone.apply([change(TWO, undefined)])).toEqual([DONE])
    expect(answers()).toEqual([])
    expect(await zone.apply([change(TWO, undefined)])).toEqual([DONE])
  })

  it('touches nothing that has no mark, or that no longer stands as it was', async () => {
    const { zone, held, answers } = await givenZone()
    held.create({ ...KEYS[0], ttl: 60, content: '192.0.2.9' })
    const { mark: _, ...unmarked } = setOf(['192.0.2.9'])
    const results = await zone.apply([
      change(unmarked, ONE),
      change(undefined, ONE),
      change(setOf(['192.0.2.9']), ONE),
      change(unmarked, undefined),
    ])
    expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'conflict'))
    expect(answers()).toEqual(['192.0.2.9'])
  })

  it('takes a set in which one record is unmarked for unmarked', async () => {
    const { zone, held, answers } = await givenZone()
    held.create({ ...KEYS[0], ttl: 60, content: '192.0.2.1', comment: COMMENT })
    held.create({ ...KEYS[0], ttl: 60, content: '192.0.2.9', comment: 'by hand' })
    const { mark: _, ...unmarked } = setOf(['192.0.2.1', '192.0.2.9'])
    expect(await zone.read(KEYS)).toEqual({ ok: true, value: [unmarked] })
    const [result] = await zone.apply([change(setOf(['192.0.2.1']), TWO)])
    expect(result).toMatchObject({ outcome: 'conflict' })
    expect(answers()).toEqual(['192.0.2.1', '192.0.2.9'])
  })

  it('takes a set in which one record is proxied for proxied', async () => {
    const { zone, held } = await givenZone()
    held.create({ ...KEYS[0], ttl: 1, content: '192.0.2.1', comment: COMMENT, proxied: true })
    held.create({ ...KEYS[0], ttl: 60, content: '192.0.2.2', comment: COMMENT })
    expect(await zone.read(KEYS)).toMatchObject({ value: [{ proxied: true }] })
  })

  it('makes what is right although another change of the same run is refused', async () => {
    const { zone, held, server } = await givenZone()
    held.create({ name: 'taken.example.com', type: 'CNAME', content: 'a.example.net' })
    const taken = setOf(['192.0.2.1'], { name: 'taken.example.com' })
    const results = await zone.apply([change(undefined, taken), change(undefined, ONE)])
    expect(results).toMatchObject([
      { outcome: 'failed', failure: { kind: 'refused', detail: expect.stringContaining('81054') } },
      DONE,
    ])
    expect(held.records()).toHaveLength(2)
    // A list, the batch of both, and each alone.
    expect(server.received).toHaveLength(4)
  })

  it('calls it a conflict when another writer was faster', async () => {
    const { zone, server, held, answers } = await givenZone()
    const theirs = () => held.create({ ...KEYS[0], ttl: 60, content: '192.0.2.1' })
    server.disturb({ method: 'POST', meanwhile: theirs })
    expect(await zone.apply([change(undefined, ONE)])).toMatchObject([{ outcome: 'conflict' }])
    const [record] = held.records()
    held.edit(record?.id ?? '', { comment: COMMENT })
    const gone = () => held.remove(record?.id ?? '')
    server.disturb({ method: 'POST', meanwhile: gone })
    expect(await zone.apply([change(ONE, TWO)])).toMatchObject([{ outcome: 'conflict' }])
    expect(answers()).toEqual([])
  })

  it('leaves alone what another writer adds to the set meanwhile', async () => {
    const { zone, server, held, answers } = await givenZone()
    await zone.apply([change(undefined, ONE)])
    const theirs = () => held.create({ ...KEYS[0], ttl: 60, content: '192.0.2.9' })
    server.disturb({ method: 'POST', meanwhile: theirs })
    expect(await zone.apply([change(ONE, TWO)])).toEqual([DONE])
    expect(answers()).toEqual(['192.0.2.2', '192.0.2.9'])
    const [conflict] = await zone.apply([change(TWO, undefined)])
    expect(conflict).toMatchObject({ outcome: 'conflict' })
  })

  it('puts at most 200 records into one batch', async () => {
    const { zone, server, answers } = await givenZone()
    const sets = Array.from({ length: 20 }, (_, at) =>
      setOf(
        Array.from({ length: 10 }, (_unused, last) => `192.0.2.${last}`),
        { name: `n${at}.example.com` },
      ),
    )
    const results = await zone.apply([...sets, ONE].map((set) => change(undefined, set)))
    // The plan has no more than 200 records, so the last one is the second batch, and is refused.
    expect(results.slice(0, 20)).toEqual(sets.map(() => DONE))
    expect(results[20]).toMatchObject({ failure: { detail: expect.stringContaining('81045') } })
    expect(answers()).toHaveLength(200)
    expect(server.received).toHaveLength(3)
  })
})

describe('what a zone at Cloudflare asks', () => {
  it('is one request for a zone of a thousand records, however many names', async () => {
    const { server, settings } = await givenZone()
    const big = server.addZone('example.net', { plan: { mostRecords: 1001 } })
    const bindings = { CLOUDFLARE_TOKEN: server.addToken(['read']) }
    const zones = { 'example.net': big.id }
    const zone = openCloudflareZone({ ...settings, zones }, 'example.net', bindings)
    const keys = Array.from({ length: 500 }, (_, at) => ({
      name: `n${at}.example.net`,
      type: 'A' as const,
    }))
    for (const { name, type } of keys)
      big.create({ name, type, ttl: 60, content: '192.0.2.1', comment: COMMENT })
    const all = await zone.read(keys)
    expect(all.ok && all.value.length).toBe(500)
    expect(server.received).toHaveLength(1)
    for (let at = 0; at < 501; at += 1) {
      big.create({ name: `x${at}.example.net`, type: 'TXT', content: 'x' })
    }
    await zone.read(keys)
    expect(server.received).toHaveLength(1 + 2)
    const one = await zone.read(keys.slice(0, 1))
    expect(one.ok && one.value).toMatchObject([{ name: 'n0.example.net' }])
    expect(server.received.at(-1)?.path).toContain('name.exact=n0.example.net')
    expect(server.received).toHaveLength(4)
    expect(await zone.read([])).toEqual({ ok: true, value: [] })
    expect(server.received).toHaveLength(4)
  })

  it('is one request for each name where the zone has more pages than that', async () => {
    const { zone, server } = await givenZone()
    const body = JSON.stringify({
      success: true,
      result: [],
      result_info: { page: 1, per_page: 1000, total_count: 3001 },
    })
    server.disturb({ answer: { status: 200, body } })
    expect(await zone.read([ONE, { ...KEYS[0], name: 'b.example.com' }])).toMatchObject({
      ok: true,
    })
    expect(
      server.received.map(({ path }) => /name\.exact=[^&]*|order=name/.exec(path)?.[0]),
    ).toEqual(['order=name', 'name.exact=www.example.com', 'name.exact=b.example.com'])
  })

  const TWO_PAGES = {
    status: 200,
    body: JSON.stringify({
      success: true,
      result: [],
      result_info: { page: 1, per_page: 1000, total_count: 1001 },
    }),
  }

  it('is the pages of a zone before a write of very many names', async () => {
    const { zone, server } = await givenZone()
    server.disturb({ answer: TWO_PAGES }, { answer: TWO_PAGES })
    const sets = Array.from({ length: 51 }, (_, at) =>
      setOf(['192.0.2.1'], { name: `n${at}.example.com` }),
    )
    await zone.apply(sets.map((set) => change(undefined, set)))
    expect(server.received.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST'])
  })

  it('is one request for each name before a write, since records move from page to page', async () => {
    const { zone, server } = await givenZone()
    server.disturb({ answer: TWO_PAGES })
    const other = setOf(['192.0.2.1'], { name: 'b.example.com' })
    expect(await zone.apply([change(undefined, ONE), change(undefined, other)])).toEqual([
      DONE,
      DONE,
    ])
    expect(
      server.received.map(({ path }) => /name\.exact=[^&]*|order=name|batch/.exec(path)?.[0]),
    ).toEqual(['order=name', 'name.exact=www.example.com', 'name.exact=b.example.com', 'batch'])
  })

  it('is the id of the zone, once, when the settings do not name it', async () => {
    const { zone, server } = await givenZone({ rights: ['edit', 'zones'], named: false })
    await zone.read(KEYS)
    await zone.read(KEYS)
    expect(server.received.map(({ path }) => path.replace(/.*v4/, ''))).toEqual([
      '/zones?name=example.com&per_page=50',
      expect.stringContaining('/dns_records?'),
      expect.stringContaining('/dns_records?'),
    ])
  })

  it('stops when an answer says that nothing is left of the rate limit', async () => {
    const { zone, server } = await givenZone({ rights: ['edit', 'zones'], named: false })
    server.setRateLimit(1, 7)
    const asked = await zone.read(KEYS)
    expect(asked).toMatchObject({
      ok: false,
      failure: { kind: 'rate-limited', retryAfterMs: 7000 },
    })
    expect(server.received).toHaveLength(1)
  })
})
