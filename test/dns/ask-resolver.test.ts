import { decode, encode } from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { askResolver } from '../../dns/check/ask-resolver.ts'
import { serversOf } from '../../dns/check/name-servers.ts'
import { Dns } from '../../src/schema/dns.ts'
import { DnsProvider } from '../../src/schema/dns-provider.ts'
import { type Resolve, type Resolver, startResolver } from '../support/resolver.ts'

const QUERY = { name: 'www.example.com', type: 'A' } as const

let resolvers: Resolver[] = []

afterEach(async () => {
  await Promise.all(resolvers.map((resolver) => resolver.close()))
  resolvers = []
})

async function start(resolve: Resolve): Promise<Resolver> {
  const resolver = await startResolver(resolve)
  resolvers.push(resolver)
  return resolver
}

/** Answers with these records, whatever is asked, as another implementation writes it. */
function answering(
  answers: NonNullable<Parameters<typeof encode>[0]['answers']>,
  flags = 0x0180,
): Resolve {
  return async (bytes) => {
    const { id, questions } = decode(Buffer.from(bytes))
    const body = encode({
      type: 'response',
      id: id ?? 0,
      flags,
      questions: questions ?? [],
      answers,
    })
    return { body }
  }
}

const address = (data: string, ttl = 60) =>
  ({ type: 'A', name: 'www.example.com', ttl, data }) as const

function check(urls: readonly string[], nameServers = true): Dns['check'] {
  return Dns.parse({ check: { resolvers: urls, nameServers } }).check
}

describe('askResolver', () => {
  it('asks by POST with the id 0 and wants recursion (RFC 8484 §4.1)', async () => {
    const resolver = await start(answering([address('192.0.2.1')]))
    await askResolver(resolver.url, QUERY)
    const [asked] = resolver.asked
    expect(asked?.type).toBe('application/dns-message')
    const { id, flag_rd, questions } = decode(Buffer.from(asked?.bytes ?? []))
    expect({ id, flag_rd, questions }).toEqual({
      id: 0,
      flag_rd: true,
      questions: [{ name: 'www.example.com', type: 'A', class: 'IN' }],
    })
  })

  it('gives the values of its records and the least of their times to live', async () => {
    const { url } = await start(answering([address('192.0.2.1', 60), address('192.0.2.2', 17)]))
    const reading = await askResolver(url, QUERY)
    expect(reading).toEqual({ ok: true, values: ['192.0.2.1', '192.0.2.2'], ttl: 17 })
  })

  it('takes only what is of the name and type', async () => {
    const alias = { type: 'CNAME', name: 'www.example.com', ttl: 5, data: 'a.example.net' } as const
    const other = { type: 'A', name: 'a.example.net', ttl: 5, data: '192.0.2.9' } as const
    const { url } = await start(answering([alias, other]))
    expect(await askResolver(url, QUERY)).toEqual({ ok: true, values: [], ttl: undefined })
  })

  it.each([
    ['NXDOMAIN as no records', 0x0183, { ok: true, values: [], ttl: undefined }],
    ['SERVFAIL as no answer', 0x0182, { ok: false, why: 'it answered SERVFAIL' }],
    ['what is cut short as no answer', 0x0380, { ok: false, why: 'its answer is cut short' }],
  ])('takes %s', async (_, flags, expected) => {
    const { url } = await start(answering([], flags))
    expect(await askResolver(url, QUERY)).toEqual(expected)
  })

  it('is not taken in by an answer to another question', async () => {
    const { url } = await start(async () => ({
      body: encode({
        type: 'response',
        id: 0,
        questions: [{ type: 'A', name: 'other.example.com' }],
        answers: [address('192.0.2.66')],
      }),
    }))
    expect(await askResolver(url, QUERY)).toEqual({
      ok: false,
      why: 'it answered another question',
    })
  })

  it('is not taken in by a question that comes back as an answer', async () => {
    const { url } = await start(async (body) => ({ body }))
    expect(await askResolver(url, QUERY)).toEqual({
      ok: false,
      why: 'it answered another question',
    })
  })

  it.each([
    [
      'an error page',
      { status: 503, type: 'text/html', body: Buffer.from('<p>') },
      /503 with text\/html/,
    ],
    [
      'a page instead of a message',
      { type: 'text/html', body: Buffer.from('<p>') },
      /200 with text\/html/,
    ],
    ['bytes that are no message', { body: Buffer.from([1, 2, 3]) }, /its answer is none/],
    ['a redirect', { status: 302, type: 'text/plain', body: Buffer.from('') }, /302/],
    ['more than a message can be', { body: Buffer.alloc(70_000) }, /longer than any message/],
  ])('tells of %s', async (_, reply, words) => {
    const { url } = await start(async () => reply)
    const reading = await askResolver(url, QUERY)
    expect(reading).toEqual({ ok: false, why: expect.stringMatching(words) })
  })

  it('tells that nobody is there', async () => {
    const resolver = await startResolver(answering([]))
    await resolver.close()
    const reading = await askResolver(resolver.url, QUERY)
    expect(reading).toEqual({ ok: false, why: expect.stringMatching(/^no answer: /) })
  })
})

describe('serversOf', () => {
  const powerdns = DnsProvider.parse({
    type: 'powerdns',
    url: 'http://127.0.0.1:1',
    key: { secret: 'K' },
  })
  const rfc2136 = DnsProvider.parse({
    type: 'rfc2136',
    server: '192.0.2.53:5353',
    key: { name: 'k', secret: 'K' },
  })
  const cloudflare = DnsProvider.parse({ type: 'cloudflare', token: { secret: 'T' } })
  const named = answering(
    ['ns2', 'ns1', 'ns5', 'ns3', 'ns4'].map((host) => {
      return { type: 'NS', name: 'example.com', ttl: 60, data: `${host}.example.com` }
    }),
  )
  const zone = 'example.com'

  it('takes those of the settings', async () => {
    const settings = { ...powerdns, nameServers: ['192.0.2.1'] }
    expect(await serversOf({ settings, check: check([]), zone })).toEqual(['192.0.2.1'])
  })

  it('finds four of those that the NS records of the zone name, at the first resolver that knows', async () => {
    const [dumb, wise] = [await start(answering([], 0x0182)), await start(named)]
    const found = await serversOf({ settings: powerdns, check: check([dumb.url, wise.url]), zone })
    expect(found).toEqual(['ns1', 'ns2', 'ns3', 'ns4'].map((host) => `${host}.example.com`))
  })

  it('asks no third resolver for them, since each may take its whole time', async () => {
    const silent = await start(answering([], 0x0182))
    const wise = await start(named)
    const urls = [silent.url, silent.url, wise.url]
    expect(await serversOf({ settings: powerdns, check: check(urls), zone })).toEqual([])
    expect(wise.asked).toEqual([])
  })

  it('asks the primary server itself when nobody can be asked for the others', async () => {
    const found = await serversOf({ settings: rfc2136, check: check([]), zone })
    expect(found).toEqual(['192.0.2.53:5353'])
  })

  it.each([
    ['that is switched off', powerdns, false],
    ['of Cloudflare, whose a Worker cannot reach', cloudflare, true],
  ])('looks for none %s', async (_, settings, nameServers) => {
    const { url, asked } = await start(named)
    expect(await serversOf({ settings, check: check([url], nameServers), zone })).toEqual([])
    expect(asked).toEqual([])
  })
})
