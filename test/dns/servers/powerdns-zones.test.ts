import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type PowerDnsServer, startPowerDns } from '../../../cli/dns-servers/powerdns.ts'
import type { DnsZone } from '../../../dns/provider.ts'
import { DnsProvider } from '../../../src/schema/dns-provider.ts'
import type { RecordSet } from '../../../src/schema/dns-record-set.ts'
import { toCanonicalValues } from '../../../src/schema/dns-value.ts'
import { lacks } from '../../support/dns-servers.ts'
import { openZoneInWorker } from '../../support/dns-zone.ts'
import { httpAnswer, startFaultyServer } from '../../support/faulty-server.ts'
import { ODD_VALUES } from '../odd-values.ts'

const run = promisify(execFile)
const mark = { owner: 'portolan', record: 'www' }

function setFor(label: string, more: Partial<RecordSet> = {}): RecordSet {
  const name = `${label}.example.test`
  return { name, type: 'A', ttl: 60, values: ['192.0.2.1'], mark, ...more }
}

function toChange(before: RecordSet | undefined, after?: RecordSet) {
  return { record: 'www', reason: 'a test', ...(before && { before }), ...(after && { after }) }
}

describe.skipIf(lacks('powerdns', 'tools'))('PowerDNS', () => {
  let server: PowerDnsServer
  let zone: DnsZone

  const openAt = (url: string, more: object = {}, name = 'example.test'): DnsZone => {
    const given = { type: 'powerdns', url, key: { secret: 'PDNS_KEY' } }
    const settings = { ...DnsProvider.parse(given), ...more }
    return openZoneInWorker({ settings, zone: name, bindings: { PDNS_KEY: server.apiKey } })
  }
  const patch = (rrset: object) => server.call('PATCH', '/zones/example.test.', { rrsets: [rrset] })
  const rrsetOf = async (label: string) => {
    const read = await server.call('GET', '/zones/example.test.')
    const { rrsets } = read as { rrsets: { name: string }[] }
    return rrsets.find(({ name }) => name === `${label}.example.test.`)
  }
  const serialOf = async () => {
    const read = await server.call('GET', '/zones/example.test.?rrsets=false')
    return (read as { serial: number }).serial
  }

  beforeAll(async () => {
    server = await startPowerDns({ zones: ['example.test'], keys: [] })
    zone = openAt(server.apiUrl)
  })

  afterAll(() => server?.stop())

  it('answers with every odd value', async () => {
    for (const [at, { type, values }] of ODD_VALUES.entries()) {
      const set = setFor(`odd-${at}`, { type, values: toCanonicalValues(type, values) })
      expect(await zone.apply([toChange(undefined, set)])).toEqual([{ outcome: 'done' }])
      const args = ['@127.0.0.1', '-p', String(server.port), '+tcp', '+short', set.name, type]
      const { stdout } = await run('dig', args)
      expect(toCanonicalValues(type, stdout.trim().split('\n'))).toEqual(set.values)
    }
  })

  it('keeps what others have written beside the mark', async () => {
    const others = [{ content: 'ask Ann before you touch it', account: 'ann', modified_at: 1 }]
    const records = [{ content: '192.0.2.1', disabled: false }]
    const own = { content: 'heritage=portolan,owner=portolan,record=www', account: 'by hand' }
    await patch({
      name: 'said.example.test.',
      type: 'A',
      ttl: 60,
      changetype: 'REPLACE',
      records,
      comments: [...others, own],
    })
    const before = setFor('said')
    expect(await zone.read([before])).toEqual({ ok: true, value: [before] })
    const after = { ...before, ttl: 30 }
    expect(await zone.apply([toChange(before, after)])).toEqual([{ outcome: 'done' }])
    expect(await rrsetOf('said')).toMatchObject({
      ttl: 30,
      comments: expect.arrayContaining([expect.objectContaining(others[0])]),
    })
  })

  it('does not count a disabled record, nor take the place of one', async () => {
    const records = [{ content: '192.0.2.1', disabled: true }]
    const head = { name: 'off.example.test.', type: 'A', ttl: 60, changetype: 'REPLACE' }
    await patch({ ...head, records })
    const { mark: _, ...stands } = setFor('off', { values: [] })
    expect(await zone.read([stands])).toEqual({ ok: true, value: [stands] })
    const results = await zone.apply([toChange(undefined, setFor('off'))])
    expect(results).toMatchObject([{ outcome: 'conflict' }])
    expect(await rrsetOf('off')).toMatchObject({ records, comments: [] })
  })

  it('makes a set where nothing but a comment of somebody stands, and keeps that', async () => {
    const comments = [{ content: 'kept for the new office', account: 'ann', modified_at: 1 }]
    const head = { name: 'kept.example.test.', type: 'A', changetype: 'REPLACE' }
    await patch({ ...head, comments })
    const set = setFor('kept')
    expect(await zone.read([set])).toEqual({ ok: true, value: [] })
    expect(await zone.apply([toChange(undefined, set)])).toEqual([{ outcome: 'done' }])
    expect(await rrsetOf('kept')).toMatchObject({
      comments: expect.arrayContaining([expect.objectContaining(comments[0])]),
    })
  })

  it('is read whole where that is less to ask', async () => {
    const relay = await startRelay(server.apiUrl)
    const sets = ['whole-1', 'whole-2'].map((label) => setFor(label))
    await zone.apply(sets.map((set) => toChange(undefined, set)))
    expect(await openAt(relay.url).read(sets)).toEqual({ ok: true, value: sets })
    const single = expect.stringMatching(/\?rrset_name=whole-\d\.example\.test\.&rrset_type=A$/)
    expect(relay.asked).toEqual([single, single])
    const none = Array.from({ length: 70 }, (_, at) => setFor(`none-${at}`))
    expect(await openAt(relay.url).read([...none, ...sets])).toEqual({ ok: true, value: sets })
    expect(relay.asked.slice(2)).toEqual([expect.stringMatching(/\/zones\/example\.test\.$/)])
  })

  it.each([
    ['Slave', { masters: ['127.0.0.9'] }, /address of its primary/],
    ['Consumer', { masters: ['127.0.0.9'] }, /address of its primary/],
    ['Master', { soa_edit_api: '' }, /soa_edit_api/],
  ])('refuses to write to a zone of kind %s where that leads nowhere', async (kind, more, why) => {
    const name = `${kind.toLowerCase()}.test`
    await server.call('POST', '/zones', { name: `${name}.`, kind, nameservers: [], ...more })
    const set = { ...setFor('www'), name: `www.${name}` }
    const results = await openAt(server.apiUrl, {}, name).apply([toChange(undefined, set)])
    expect(results).toMatchObject([
      { outcome: 'failed', failure: { kind: 'refused', detail: expect.stringMatching(why) } },
    ])
  })

  it('raises the serial of its zone with each change', async () => {
    const first = await serialOf()
    await zone.apply([toChange(undefined, setFor('raised'))])
    expect(await serialOf()).toBe(first + 1)
    await zone.apply([toChange(undefined, setFor('raised'))])
    expect(await serialOf()).toBe(first + 1)
  })

  it.each(['hangs', 'breaks off', 'fails', 'is a page'] as const)(
    'may have written when the answer to that %s',
    async (how) => {
      const { url } = await startRelay(server.apiUrl, how)
      const set = setFor(`lost-${how.replaceAll(' ', '-')}`)
      // Who hangs is given up after this; until then it has long been written.
      const patience = how === 'hangs' ? { timeout: 3000 } : {}
      const changes = [toChange(undefined, set), toChange(undefined, set)]
      const results = await openAt(url, patience).apply(changes)
      const kinds = { hangs: 'timed-out', 'is a page': 'garbled' } as const
      const kind = how === 'hangs' || how === 'is a page' ? kinds[how] : 'unavailable'
      expect(results).toMatchObject([
        { outcome: 'unknown', failure: { kind } },
        // It has not been tried.
        { outcome: 'failed', failure: { kind } },
      ])
      expect(await zone.read([set])).toEqual({ ok: true, value: [set] })
    },
  )

  it.each([
    ['HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n', 'rate-limited', 7000],
    [httpAnswer(503, '<h1>Sorry</h1>'), 'unavailable', undefined],
    [httpAnswer(400, 'no JSON'), 'refused', undefined],
    ['HTTP/1.1 302 F\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n', 'garbled', undefined],
    [httpAnswer(200, '<h1>Welcome</h1>'), 'garbled', undefined],
    [httpAnswer(200, '{"rrsets": [{"name": 7}]}'), 'garbled', undefined],
  ])('tells %j by its kind', async (answer, kind, retryAfterMs) => {
    const faulty = await startFaultyServer((socket) => socket.end(answer))
    onTestFinished(() => faulty.stop())
    const asked = await openAt(`http://127.0.0.1:${faulty.port}`).read([setFor('www')])
    expect(asked).toMatchObject({ ok: false, failure: { kind } })
    expect(asked.ok || asked.failure.retryAfterMs).toBe(retryAfterMs)
  })
})

/** What becomes of the answer to a write. */
type Mishap = 'hangs' | 'breaks off' | 'fails' | 'is a page'

/** Passes all on to PowerDNS, and the answers back, but for a mishap with those to what was written. */
async function startRelay(apiUrl: string, how?: Mishap) {
  const asked: string[] = []
  const relay = createServer((heard, reply) => {
    const { method = '', headers } = heard
    asked.push(heard.url ?? '')
    const passed = request(`${apiUrl}${heard.url}`, { method, headers }, (answer) => {
      if (how === undefined || method === 'GET') {
        reply.writeHead(answer.statusCode ?? 0)
        answer.pipe(reply)
        return
      }
      answer.resume()
      if (how === 'breaks off') heard.socket.destroy()
      if (how === 'fails') reply.writeHead(500).end()
      if (how === 'is a page') reply.writeHead(200).end('<h1>Done</h1>')
    })
    heard.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  onTestFinished(() => {
    relay.closeAllConnections()
    relay.close()
  })
  return { url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`, asked }
}
