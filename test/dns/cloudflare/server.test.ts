import {
  APIConnectionTimeoutError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'cloudflare'
import { BaseRecords } from 'cloudflare/resources/dns/records'
import { BaseZones } from 'cloudflare/resources/zones/zones'
import { createClient } from 'cloudflare/tree-shakable'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCloudflare } from '../../support/cloudflare/server.ts'

// The server that stands for Cloudflare's API, asked by Cloudflare's own SDK: what the SDK understands, sends and
// throws is what ours has to be able to live with.

async function start() {
  const server = await startCloudflare()
  onTestFinished(() => server.stop())
  const zone = server.addZone('example.com')
  const clientOf = (apiToken: string, maxRetries = 0) =>
    createClient({
      apiToken,
      maxRetries,
      baseURL: server.url,
      resources: [BaseRecords, BaseZones],
    })
  const client = clientOf(server.addToken(['edit', 'zones']))
  return { server, zone, zone_id: zone.id, client, clientOf, records: client.dns.records }
}

async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of list) items.push(item)
  return items
}

const A = { type: 'A', name: 'www.example.com', ttl: 60 } as const

describe('the server that stands for Cloudflare, asked by the SDK of Cloudflare', () => {
  it('creates, tells, edits, overwrites and deletes a record', async () => {
    const { records, zone_id, zone } = await start()
    const made = await records.create({ ...A, zone_id, content: '192.0.2.1', comment: 'ours' })
    expect(made).toMatchObject({ ...A, content: '192.0.2.1', comment: 'ours', proxied: false })
    expect(await records.get(made.id, { zone_id })).toEqual(made)
    const edited = await records.edit(made.id, { ...A, zone_id, content: '192.0.2.2' })
    expect(edited).toMatchObject({ id: made.id, content: '192.0.2.2', comment: 'ours' })
    const put = await records.update(made.id, { ...A, zone_id, content: '192.0.2.3' })
    expect(put).toMatchObject({ id: made.id, content: '192.0.2.3', comment: null })
    expect(await records.delete(made.id, { zone_id })).toEqual({ id: made.id })
    expect(zone.records()).toEqual([])
  })

  it('keeps the forms of the types: parts of SRV and HTTPS, quotes of TXT, addresses of RFC 5952', async () => {
    const { records, zone_id } = await start()
    const common = { zone_id, ttl: 1, name: '_sip._tcp.example.com' }
    const srv = { priority: 10, weight: 5, port: 5060, target: 'sip.example.com' }
    expect(await records.create({ ...common, type: 'SRV', data: srv })).toMatchObject({
      data: srv,
      content: '5 5060 sip.example.com',
      priority: 10,
    })
    const https = { priority: 1, target: '.', value: 'alpn=h2,h3 port=8443' }
    expect(await records.create({ ...common, type: 'HTTPS', data: https })).toMatchObject({
      content: '1 . alpn="h2,h3" port="8443"',
    })
    const text = 'x'.repeat(300)
    expect(await records.create({ ...common, type: 'TXT', content: text })).toMatchObject({
      content: `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`,
    })
    const long = { ...common, type: 'AAAA', content: '2001:DB8:0:0::1' } as const
    expect(await records.create(long)).toMatchObject({ content: '2001:db8::1' })
    const proxied = { ...A, zone_id, ttl: 300, proxied: true, content: '192.0.2.1' }
    expect(await records.create(proxied)).toMatchObject({ proxied: true, ttl: 1 })
  })

  it('lists in pages, each record once, by exact name or type', async () => {
    const { records, zone_id, server } = await start()
    for (let at = 0; at < 25; at += 1) {
      const name = at % 5 === 0 ? 'five.example.com' : `n${at}.example.com`
      await records.create({ ...A, zone_id, name, content: `192.0.2.${at}` })
    }
    const before = server.received.length
    const listed = await all(records.list({ zone_id, per_page: 10 }))
    expect(new Set(listed.map(({ id }) => id)).size).toBe(25)
    // Three pages, and an empty one: the SDK stops at nothing else.
    expect(server.received).toHaveLength(before + 4)
    const name = { exact: 'FIVE.example.com' }
    expect(await all(records.list({ zone_id, name }))).toHaveLength(5)
    expect(await all(records.list({ zone_id, type: 'TXT' }))).toEqual([])
    const page = await records.list({ zone_id, per_page: 10, page: 3, order: 'name' })
    expect(page.result_info).toMatchObject({ page: 3, per_page: 10, count: 5, total_count: 25 })
  })

  it('runs a batch in the order deletes, patches, puts, posts', async () => {
    const { records, zone_id, zone } = await start()
    const first = await records.create({ ...A, zone_id, content: '192.0.2.1' })
    const second = await records.create({ ...A, zone_id, content: '192.0.2.2' })
    // Each is possible only after those before it.
    const done = await records.batch({
      zone_id,
      posts: [{ ...A, content: '192.0.2.2' }],
      puts: [{ ...A, id: second.id, content: '192.0.2.3' }],
      patches: [{ ...A, id: second.id, content: '192.0.2.1' }],
      deletes: [{ id: first.id }],
    })
    expect(done.deletes).toMatchObject([{ id: first.id, content: '192.0.2.1' }])
    expect(zone.records().map(({ content }) => content)).toEqual(['192.0.2.3', '192.0.2.2'])
  })

  it('runs all of a batch or nothing', async () => {
    const { records, zone_id, zone } = await start()
    const { id } = await records.create({ ...A, zone_id, content: '192.0.2.1' })
    const before = zone.records()
    const posts = [
      { ...A, content: '192.0.2.2' },
      { ...A, content: 'nonsense' },
    ]
    const refused = records.batch({ zone_id, deletes: [{ id }], posts })
    await expect(refused).rejects.toThrow(BadRequestError)
    await expect(refused).rejects.toMatchObject({ errors: [{ code: 9005 }] })
    expect(zone.records()).toEqual(before)
    const many = Array.from({ length: 201 }, (_, at) => ({ ...A, content: `192.0.2.${at}` }))
    await expect(records.batch({ zone_id, posts: many })).rejects.toThrow(BadRequestError)
  })

  it.each([
    ['an identical record', { ...A, content: '192.0.2.1' }, 81058],
    ['a CNAME beside an address', { ...A, type: 'CNAME', content: 'a.example.net' }, 81053],
    ['an address beside a CNAME', { ...A, name: 'cname.example.com', content: '192.0.2.1' }, 81054],
    ['a comment that is too long', { ...A, content: '192.0.2.2', comment: 'x'.repeat(101) }, 9313],
    ['a TTL that is too short', { ...A, ttl: 59, content: '192.0.2.2' }, 9021],
    ['an address that is none', { ...A, content: '192.0.2.256' }, 9005],
    ['a name of another zone', { ...A, name: 'example.net', content: '192.0.2.2' }, 9000],
    ['quotes that do not match', { ...A, type: 'TXT', content: '"a" b"' }, 1004],
    ['a proxied TXT', { ...A, type: 'TXT', content: 'a', proxied: true }, 9041],
    ['tags on a Free plan', { ...A, content: '192.0.2.2', tags: ['owner:us'] }, 9300],
    ['an unknown field', { ...A, content: '192.0.2.2', value: '192.0.2.2' }, 1004],
  ] as const)('refuses %s', async (_, record, code) => {
    const { client, records, zone_id } = await start()
    await records.create({ ...A, zone_id, content: '192.0.2.1' })
    const cname = { ...A, type: 'CNAME', name: 'cname.example.com' } as const
    await records.create({ ...cname, zone_id, content: 'a.example.net' })
    const refused = client.post(`/zones/${zone_id}/dns_records`, { body: record })
    await expect(refused).rejects.toMatchObject({ status: 400, errors: [{ code }] })
  })

  it('knows who may do what', async () => {
    const { server, zone, zone_id, clientOf, records } = await start()
    const other = server.addZone('example.net')
    const reader = clientOf(server.addToken(['read'], [zone]))
    expect(await all(reader.dns.records.list({ zone_id }))).toEqual([])
    await expect(reader.dns.records.list({ zone_id: other.id })).rejects.toMatchObject({
      status: 403,
      errors: [{ code: 10000 }],
    })
    const written = reader.dns.records.create({ ...A, zone_id, content: '192.0.2.1' })
    await expect(written).rejects.toThrow(PermissionDeniedError)
    await expect(reader.zones.list()).rejects.toMatchObject({ errors: [{ code: 9109 }] })
    await expect(clientOf('x'.repeat(40)).zones.list()).rejects.toThrow(PermissionDeniedError)
    await expect(clientOf('short').zones.list()).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 6003, error_chain: [{ code: 6111 }] }],
    })
    await expect(records.get('0'.repeat(32), { zone_id })).rejects.toThrow(NotFoundError)
    await expect(records.list({ zone_id: 'nonsense' })).rejects.toThrow(NotFoundError)
  })

  it('lists the zones that a token may see', async () => {
    const { client, server, zone } = await start()
    server.addZone('example.net', { status: 'pending' })
    const names = await all(client.zones.list({ name: 'example.com' }))
    expect(names).toMatchObject([{ id: zone.id, name: 'example.com', status: 'active' }])
    expect(await all(client.zones.list({ per_page: 5 }))).toHaveLength(2)
  })

  it('has a rate limit, which it tells with each answer, and by which the SDK waits', async () => {
    const { server, zone_id, clientOf } = await start()
    const token = server.addToken(['edit'])
    server.setRateLimit(1, 60)
    const { response } = await clientOf(token).dns.records.list({ zone_id }).withResponse()
    expect(response.headers.get('ratelimit')).toBe('"default";r=0;t=60')
    await expect(clientOf(token).dns.records.list({ zone_id })).rejects.toThrow(RateLimitError)
    server.setRateLimit(0, 1)
    const patient = await clientOf(token, 1).dns.records.list({ zone_id })
    expect(patient.result).toEqual([])
  })

  it('can be slow, cut off and broken, before and after it did what was asked', async () => {
    const { server, zone, zone_id, records } = await start()
    server.disturb({ answer: { status: 502, body: '<html>' } }, { answer: 'silence', isDone: true })
    const record = { ...A, zone_id, content: '192.0.2.1' }
    await expect(records.create(record)).rejects.toThrow(InternalServerError)
    expect(zone.records()).toEqual([])
    const unheard = records.create(record, { timeout: 300 })
    await expect(unheard).rejects.toThrow(APIConnectionTimeoutError)
    expect(zone.records()).toHaveLength(1)
  })
})
