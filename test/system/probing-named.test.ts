import { once } from 'node:events'
import * as net from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { closedPort, untimed, useProbe } from '../support/probe-rig.ts'
import type { ProbeOrder } from '../support/probe-worker.ts'
import type { RawScript } from '../support/raw-origin.ts'
import { stageOrigin, stageRawOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const probeTimed = useProbe()
const probe = (order: ProbeOrder) => untimed(probeTimed(order))

/** Answers with these bytes, and ends the connection. */
function closing(answer: string): RawScript {
  return {
    onRequest: async (exchange) => {
      await exchange.write(answer)
      exchange.end()
    },
  }
}

describe('a probe under another host', () => {
  it('names it, and everything else as by fetch', async () => {
    const origin = await stageOrigin('us-1', ({ response }) => {
      response.write('{"a":')
      response.end('1}')
    })
    const outcome = await probe({
      url: origin.url,
      host: 'www.example.com',
      monitor: { path: '/health', expect: { json: ['/a == 1'] } },
    })
    expect(outcome).toEqual({
      ok: true,
      detail: '',
      isAnswered: true,
      status: 200,
      body: '{"a":1}',
    })
    expect(origin.requests[0]).toMatchObject({ method: 'GET', target: '/health' })
    expect(origin.requests[0]?.headers).toEqual([
      ['host', 'www.example.com'],
      ['user-agent', 'Portolan-Prober'],
      ['connection', 'close'],
    ])
  })

  it.each<[string, string, object]>([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwellxx', { ok: true, body: 'well' }],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nwe\r\n2\r\nll\r\n0\r\n\r\n',
      { ok: true, body: 'well' },
    ],
    [
      'interim answers',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell',
      { ok: true, body: 'well' },
    ],
    [
      'another status',
      'HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n',
      { ok: false, detail: 'status 503, expected 2xx' },
    ],
    ['nonsense', 'SSH-2.0-OpenSSH\r\n\r\n', { ok: false, detail: 'the answer is not HTTP/1.1' }],
  ])('reads %s', async (_, answer, outcome) => {
    const origin = await stageRawOrigin('us-1', { onRequest: (exchange) => exchange.write(answer) })
    const monitor = { host: 'www.example.com', expect: { body: 'well' } }
    expect(await probe({ url: origin.url, monitor })).toMatchObject(outcome)
  })

  it('takes an answer that ends with its connection, and none that breaks off', async () => {
    const origin = await stageRawOrigin('us-1', closing('HTTP/1.0 200 OK\r\n\r\nwell'))
    const order = {
      url: origin.url,
      monitor: { host: 'www.example.com', expect: { body: 'well' } },
    }
    expect(await probe(order)).toMatchObject({ ok: true })
    origin.play(closing('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwell'))
    expect(await probe(order)).toMatchObject({
      ok: false,
      detail: 'the connection was closed before the answer was there',
      isAnswered: true,
    })
  })

  it('is over at its timeout', async () => {
    const origin = await stageRawOrigin('us-1', {})
    const monitor = { host: 'www.example.com', timeout: '300ms' }
    expect(await probe({ url: origin.url, monitor })).toMatchObject({
      detail: 'no answer within 300 ms',
    })
    // Whoever hangs would otherwise keep a connection for every probe, and they are few.
    await until(() => origin.openSockets === 0)
  })

  it('writes a path as one target, whatever stands in it, and the framing itself', async () => {
    const origin = await stageOrigin('us-1', ({ response }) => {
      response.end()
    })
    const path = '/a b\r\nx-smuggled: 1\r\n/ü?q=1 2#part'
    const headers = { 'content-length': '9', 'transfer-encoding': 'chunked' }
    await probe({ url: origin.url, host: 'www.example.com', headers, monitor: { path } })
    expect(origin.requests[0]?.target).toBe('/a%20bx-smuggled:%201/%C3%BC?q=1%202')
    expect(origin.requests[0]?.headers.map(([name]) => name)).toEqual([
      'host',
      'user-agent',
      'connection',
    ])
  })
})

describe('a probe by TCP', () => {
  it('is well with a connection, and says nothing on it', async () => {
    const origin = await stageRawOrigin('db-1', {})
    const outcome = await probe({ url: origin.url, monitor: { type: 'tcp' } })
    expect(outcome).toEqual({ ok: true, detail: '', isAnswered: true })
    expect(origin.connections).toBe(1)
    expect(origin.requests).toEqual([])
    await until(() => origin.openSockets === 0)
  })

  it('says why there is none, as far as the platform says it', async () => {
    const port = await closedPort()
    const refused = await probe({ url: `http://127.0.0.1:${port}`, monitor: { type: 'tcp' } })
    expect(refused).toMatchObject({
      detail: `connection refused, or no way to 127.0.0.1:${port} (a private address: deployed Workers may not connect to those)`,
    })
    const order = { url: `http://127.0.0.1:${port}`, monitor: { type: 'tcp' }, local: true }
    expect(await probe(order)).toMatchObject({
      detail: `connection refused, or no way to 127.0.0.1:${port}`,
    })
    const unknown = await probe({
      url: 'http://nothing.invalid',
      monitor: { type: 'tcp', port: 5432 },
    })
    expect(unknown).toMatchObject({
      detail: 'connection refused, or no way to nothing.invalid:5432',
    })
    const mail = await probe({ url: 'http://mail.example.com:25', monitor: { type: 'tcp' } })
    expect(mail).toMatchObject({ detail: 'port 25: the platform opens no connections to it' })
  })

  it('reaches an address of IPv6', async () => {
    const server = net.createServer().listen(0, '::1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    const outcome = await probe({ url: `http://[::1]:${port}`, monitor: { type: 'tcp' } })
    expect(outcome).toEqual({ ok: true, detail: '', isAnswered: true })
  })
})
