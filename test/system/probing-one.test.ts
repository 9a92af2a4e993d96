import { describe, expect, it } from 'vitest'
import type { Reply } from '../support/origin.ts'
import { SECRET, closedPort, untimed, useProbe } from '../support/probe-rig.ts'
import type { ProbeOrder } from '../support/probe-worker.ts'
import type { RawScript } from '../support/raw-origin.ts'
import { stageOrigin, stageRawOrigin } from '../support/stage.ts'

const probeTimed = useProbe()
const probe = (order: ProbeOrder) => untimed(probeTimed(order))

const ok: Reply = ({ response }) => void response.end('fine')

describe('a probe by HTTP', () => {
  it('asks by method, path and headers, secrets included, and names itself', async () => {
    const origin = await stageOrigin('us-1', ok)
    const monitor = {
      method: 'HEAD',
      path: '/health?deep=1',
      headers: { Authorization: { secret: 'PROBE_TOKEN' }, 'X-Probe': 'yes' },
    }
    const headers = { 'x-from': 'portolan', 'x-probe': 'no' }
    expect(await probe({ url: origin.url, headers, monitor })).toEqual({
      ok: true,
      detail: '',
      isAnswered: true,
      status: 200,
    })
    const [received] = origin.requests
    expect(received).toMatchObject({ method: 'HEAD', target: '/health?deep=1' })
    expect(received?.headers).toEqual(
      expect.arrayContaining(
        [
          ['authorization', SECRET],
          ['x-probe', 'yes'],
          ['x-from', 'portolan'],
          ['user-agent', 'Portolan-Prober'],
          ['cache-control', 'no-cache'],
        ].map(([name = '', value]) => [expect.stringMatching(new RegExp(`^${name}$`, 'i')), value]),
      ),
    )
  })

  it('goes to the port of the monitor, where it names one', async () => {
    const origin = await stageOrigin('us-1', ok)
    const outcome = await probe({ url: 'http://127.0.0.1:1', monitor: { port: origin.port } })
    expect(outcome).toMatchObject({ ok: true })
  })

  it('follows no redirect', async () => {
    const origin = await stageOrigin('us-1', ({ response }) => {
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    const outcome = await probe({ url: origin.url, monitor: {} })
    expect(outcome).toMatchObject({ ok: false, detail: 'status 302, expected 2xx' })
    expect(origin.requests).toHaveLength(1)
    expect(await probe({ url: origin.url, monitor: { expect: { status: '3xx' } } })).toMatchObject({
      ok: true,
    })
  })

  it('reads the body only where something is expected of it', async () => {
    const origin = await stageOrigin('us-1', ({ response }) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"replicas":[{"lag":1},{"lag":9}]}')
    })
    const order = { url: origin.url, monitor: { expect: { json: ['/replicas/*/lag < 5'] } } }
    expect(await probe(order)).toMatchObject({
      ok: false,
      detail: '/replicas/1/lag is 9, expected < 5',
    })
    expect(await probe({ url: origin.url, monitor: {} })).not.toHaveProperty('body')
    expect(await probe({ url: origin.url, monitor: {}, purpose: 'trial' })).toMatchObject({
      ok: true,
      body: '{"replicas":[{"lag":1},{"lag":9}]}',
    })
  })

  it('does not wait for a body that it does not read, and not for the end of a long one', async () => {
    const origin = await stageOrigin('us-1', ({ response, request }) => {
      response.writeHead(200)
      response.write(request.url === '/long' ? 'x'.repeat(100_000) : 'x')
    })
    expect(await probe({ url: origin.url, monitor: {} })).toMatchObject({ ok: true })
    const monitor = { path: '/long', expect: { body: 'xxx' } }
    expect(await probe({ url: origin.url, monitor })).toMatchObject({ ok: true })
    const json = { path: '/long', expect: { json: ['/a == 1'] } }
    expect(await probe({ url: origin.url, monitor: json })).toMatchObject({
      detail: 'the body is longer than 65536 bytes: not read as JSON',
    })
  })

  it('is over at its timeout, whether the head or the body is late', async () => {
    const origin = await stageOrigin('us-1', ({ response, request }) => {
      if (request.url === '/body') response.writeHead(200).write('{')
    })
    const timeout = '300ms'
    const late = { ok: false, detail: 'no answer within 300 ms', isAnswered: false }
    expect(await probe({ url: origin.url, monitor: { timeout } })).toEqual(late)
    const { latencyMs, ...outcome } = await probeTimed({
      url: origin.url,
      monitor: { timeout, path: '/body', expect: { body: 'x' } },
    })
    expect(outcome).toEqual(late)
    expect(latencyMs).toBeLessThan(2000)
  })

  it('says so where a connection is refused, and looks twice', async () => {
    const port = await closedPort()
    expect(await probe({ url: `http://127.0.0.1:${port}`, monitor: {} })).toEqual({
      ok: false,
      detail: `connection refused, or no way to 127.0.0.1:${port} (a private address: deployed Workers may not connect to those)`,
      isAnswered: false,
    })
  })

  it.each<[string, RawScript]>([
    ['resets', { onRequest: (exchange) => exchange.reset() }],
    ['ends', { onRequest: (exchange) => exchange.end() }],
    ['does not speak HTTP', { onRequest: (exchange) => exchange.write('hello\r\n\r\n') }],
  ])('tells an origin that %s from one that is not there', async (_, script) => {
    const origin = await stageRawOrigin('us-1', script)
    expect(await probe({ url: origin.url, monitor: {} })).toEqual({
      ok: false,
      detail: 'the connection was closed before the answer was there, or it is not HTTP',
      isAnswered: true,
    })
  })

  it('does not blame an origin for a kept connection that it closes', async () => {
    const origin = await stageRawOrigin('us-1', {
      onRequest: async (exchange) => {
        if (exchange.numberOnConnection > 1) exchange.reset()
        else await exchange.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      },
    })
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await probe({ url: origin.url, monitor: {} })).toMatchObject({ ok: true })
    }
  })

  it('does not blame an origin for the trailers of its last answer', async () => {
    const origin = await stageOrigin('us-1', ({ response }) => {
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('fine')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    })
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await probe({ url: origin.url, monitor: {} })).toMatchObject({ ok: true })
    }
  })

  it('sends a POST once, whatever becomes of it', async () => {
    const origin = await stageRawOrigin('us-1', { onRequest: (exchange) => exchange.reset() })
    expect(await probe({ url: origin.url, monitor: { method: 'POST' } })).toMatchObject({
      ok: false,
    })
    expect(origin.requests).toHaveLength(1)
  })

  it('by TLS says where there is none', async () => {
    const origin = await stageOrigin('us-1', ok)
    const monitor = { type: 'https' }
    expect(await probe({ url: origin.url, monitor })).toEqual({
      ok: false,
      detail: 'TLS handshake failed, or the certificate is not valid for this name',
      isAnswered: true,
    })
  })

  it('is not sent without its secret, and never shows one', async () => {
    const monitor = { headers: { 'x-key': { secret: 'OTHER_TOKEN' } } }
    expect(await probe({ url: 'http://127.0.0.1:1', monitor })).toMatchObject({
      ok: false,
      detail:
        'no secret "OTHER_TOKEN" that a header could carry: set it with "wrangler secret put OTHER_TOKEN"',
    })
    const origin = await stageOrigin('us-1', ({ response, request }) => {
      response.end(JSON.stringify({ got: request.headers['x-key'] }))
    })
    const outcome = await probe({
      url: origin.url,
      monitor: { headers: { 'x-key': { secret: 'PROBE_TOKEN' } }, expect: { json: ['/got == 1'] } },
      purpose: 'trial',
    })
    expect(outcome).toMatchObject({
      detail: '/got is "***", expected == 1',
      body: '{"got":"***"}',
    })
  })
})
