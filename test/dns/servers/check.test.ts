import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { type DnsServer, startBind } from '../../../cli/dns-servers/bind.ts'
import { createTsigKey } from '../../../cli/dns-servers/keys.ts'
import { CheckResult } from '../../../src/schema/dns-answer.ts'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import type { RecordKey, RecordSet } from '../../../src/schema/dns-record-set.ts'
import { Dns } from '../../../src/schema/dns.ts'
import { lacks } from '../../support/dns-servers.ts'
import type { DnsCall } from '../../support/dns-worker.ts'
import { openZoneInWorker } from '../../support/dns-zone.ts'
import { type Resolver, resolveAt, startResolver } from '../../support/resolver.ts'

const ZONE = 'example.test'
const KEY = createTsigKey('portolan')
/** How long it took is nobody's to say. */
const afterMs: unknown = expect.any(Number)
const MARK = { owner: 'portolan', record: 'www' }

const www: RecordSet = {
  name: `www.${ZONE}`,
  type: 'A',
  ttl: 40,
  values: ['192.0.2.1', '192.0.2.2'],
  mark: MARK,
}
const wildcard: RecordSet = {
  name: `*.${ZONE}`,
  type: 'TXT',
  ttl: 40,
  values: ['"whoever"'],
  mark: MARK,
}

/** A server that lives as long as the test, at its address. */
async function listen(serve: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => serve(socket.on('error', () => {})))
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.skipIf(lacks('bind'))('checkRecord at a real server', () => {
  let bind: DnsServer
  let resolver: Resolver
  let settings: DnsProvider

  beforeAll(async () => {
    bind = await startBind({ zones: [ZONE], keys: [KEY] })
    resolver = await startResolver(resolveAt(bind.port))
    const server = `127.0.0.1:${bind.port}`
    const key = { name: KEY.name, secret: 'KEY' }
    settings = DnsProvider.parse({ type: 'rfc2136', server, key, nameServers: [server] })
    const zone = openZoneInWorker({ settings, zone: ZONE, bindings: { KEY: KEY.secret } })
    const results = await zone.apply(
      [www, wildcard].map((after) => ({ record: 'www', after, reason: 'a test' })),
    )
    if (results.some(({ outcome }) => outcome !== 'done')) throw new Error(JSON.stringify(results))
  })

  afterAll(async () => {
    await resolver?.close()
    await bind?.stop()
  })

  async function check(
    { name, type }: RecordKey,
    expected: readonly RecordSet[],
    nameServers = [`127.0.0.1:${bind.port}`],
  ): Promise<readonly CheckResult[]> {
    const call: DnsCall = {
      settings: { ...settings, nameServers },
      zone: ZONE,
      bindings: {},
      method: 'check',
      argument: {
        check: Dns.parse({ check: { resolvers: [resolver.url] } }).check,
        key: { name, type },
        expected,
      },
    }
    const body = JSON.stringify(call)
    const response = await fetch(inject('dnsWorker'), { method: 'POST', body })
    return (await response.json()) as readonly CheckResult[]
  }

  const nameServer = () => ({ target: `127.0.0.1:${bind.port}`, kind: 'name-server', afterMs })
  const publicResolver = () => ({ target: resolver.url, kind: 'resolver', afterMs })

  it.each([
    ['a set of addresses', www],
    ['a wildcard', wildcard],
  ])('sees %s by TCP and by HTTPS', async (_, set) => {
    expect(await check(set, [set])).toEqual([
      { ...nameServer(), outcome: 'as-expected', ttl: 40 },
      { ...publicResolver(), outcome: 'as-expected', ttl: 40 },
    ])
  })

  it('ends each connection when it has its answer, not when all is over', async () => {
    const said: string[] = []
    const frame = Buffer.from([0, 12, ...Array.from({ length: 12 }, () => 0)])
    const waiting = new Set<Socket>()
    const answer = () => {
      for (const socket of waiting) {
        said.push('second answers')
        socket.write(frame)
      }
      waiting.clear()
    }
    const first = await listen((socket) => {
      socket.once('data', () => socket.write(frame))
      socket.once('close', () => {
        said.push('first ended')
        answer()
      })
    })
    // As soon as the first has ended, or before it is given up itself.
    const second = await listen((socket) => {
      socket.once('data', () => {
        waiting.add(socket)
        setTimeout(answer, said.length > 0 ? 0 : 3500)
      })
    })
    await check(www, [www], [first, second])
    expect(said).toEqual(['first ended', 'second answers'])
  })

  it('is content with one of several sets that may be answered', async () => {
    const [first] = await check(www, [{ ...www, values: ['192.0.2.9'] }, www])
    expect(first?.outcome).toBe('as-expected')
  })

  it('tells what is answered instead', async () => {
    const expected = [{ ...www, values: ['192.0.2.9'] }]
    expect(await check(www, expected)).toEqual([
      { ...nameServer(), outcome: 'other', values: www.values, ttl: 40 },
      { ...publicResolver(), outcome: 'other', values: www.values, ttl: 40 },
    ])
  })

  it('keeps no more of what is answered than its form has room for', async () => {
    const values = Array.from({ length: 70 }, (_, at) => `192.0.2.${100 + at}`)
    const strings = Array.from({ length: 10 }, () => `"${'x'.repeat(255)}"`).join(' ')
    const sets: RecordSet[] = [
      { ...www, name: `many.${ZONE}`, values },
      { ...www, name: `long.${ZONE}`, type: 'TXT', values: [strings] },
    ]
    const opened = openZoneInWorker({ settings, zone: ZONE, bindings: { KEY: KEY.secret } })
    const made = await opened.apply(
      sets.map((after) => ({ record: 'www', after, reason: 'a test' })),
    )
    expect(made.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
    for (const set of sets) {
      const [clipped] = await check(set, [])
      expect(CheckResult.safeParse(clipped)).toMatchObject({ data: { outcome: 'other' } })
      const [whole] = await check(set, [set])
      expect(whole?.outcome).toBe('as-expected')
    }
  })

  it('tells that there is no such record', async () => {
    const [first] = await check({ name: `ns1.${ZONE}`, type: 'AAAA' }, [])
    expect(first).toEqual({ ...nameServer(), outcome: 'other', values: [] })
  })

  it('tells of a server that is not there, and asks the others all the same', async () => {
    const [gone, here] = await check(www, [www], ['127.0.0.1:9', `127.0.0.1:${bind.port}`])
    const why = expect.stringContaining('could not be made')
    expect(gone).toEqual({ ...nameServer(), target: '127.0.0.1:9', outcome: 'failed', why })
    expect(here?.outcome).toBe('as-expected')
  })

  it('asks nobody about an alias at the top of the zone, which is answered with addresses', async () => {
    expect(await check({ name: ZONE, type: 'CNAME' }, [])).toEqual([])
  })

  it('does not take the word of a server that does not keep the zone', async () => {
    const [first] = await check({ name: 'www.example.com', type: 'A' }, [www])
    expect(first).toEqual({ ...nameServer(), outcome: 'failed', why: 'it answered REFUSED' })
  })
})
