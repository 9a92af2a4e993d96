import { describe, expect, test } from 'vitest'
import { header, headerValues } from '../support/client.ts'
import { problemOf } from '../support/problem.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import * as scripts from '../support/raw-scripts.ts'
import type { RawScript } from '../support/raw-origin.ts'
import { http, raw, shareLanes, unresolved } from '../support/lane.ts'
import { reply } from '../support/reply.ts'

const unusable: readonly (readonly [string, RawScript])[] = [
  ['resets the connection before it reads', scripts.resetOnConnect],
  ['resets the connection after the request', scripts.resetAfterRequest],
  ['closes the connection without an answer', scripts.closeAfterRequest],
  ['resets in the middle of the head', scripts.resetMidHeader],
  ['gives two lengths that disagree', scripts.duplicateContentLength],
  ['answers status 099', scripts.rawStatus('099')],
  ['answers a bare 199', scripts.rawStatus('199')],
  ['answers status 1000', scripts.rawStatus('1000')],
  ['speaks another protocol', scripts.replyRawAndClose('SSH-2.0-OpenSSH_9.9\r\n')],
  ['switches to a protocol that nobody asked for', scripts.bareSwitch],
]

const brokenOff: readonly (readonly [string, RawScript, string])[] = [
  ['resets in the middle of a body of known length', scripts.resetMidBody, 'hello'],
  ['closes in the middle of a body of known length', scripts.truncatedBody, 'hello'],
  ['resets between two chunks', scripts.resetMidChunks, 'hello'],
  ['breaks the chunked coding', scripts.badChunking, ''],
]

const lane = shareLanes()

describe.each(unusable)('an origin that %s', (_, script) => {
  const broken = lane({ broken: raw(script), sound: http() })

  test('is passed over for the next, but for a request that may not be repeated', async () => {
    const { broken: origin, sound, router, url } = broken()
    const got = await router.send(url)
    expect(got.status).toBe(200)
    expect(JSON.parse(got.text)).toMatchObject({ origin: 'sound' })
    expect(origin.connections).toBe(1)
    // To a request that may not be repeated, the honest answer is that it failed.
    const refused = await router.send(url, { method: 'POST', body: 'order' })
    expect(refused.status).toBe(502)
    expect(problemOf(refused)).toMatchObject({ reason: 'origin-failed' })
    expect(sound.requests).toHaveLength(1)
  })
})

describe.each(brokenOff)('an origin that %s', (_, script, text) => {
  const breaking = lane({ broken: raw(script), sound: http() })

  test('breaks the answer off, and no other is asked', async () => {
    const { sound, router, url } = breaking()
    const got = await router.send(url)
    expect([got.status, got.text, got.complete]).toEqual([200, text, false])
    expect(sound.requests).toEqual([])
  })
})

const trailing = lane({ origin: raw(scripts.trailers) }, { retry: { attempts: 1 } })

test('trailers are dropped, and the connection that brought them serves the next request', async () => {
  const { origin, router, url } = trailing()
  for (let count = 0; count < 5; count += 1) {
    const got = await router.send(url)
    expect([got.status, got.text, got.complete, got.trailers]).toEqual([200, 'hello', true, []])
    expect(header(got, 'trailer')).toBeUndefined()
  }
  expect(origin.connections).toBe(1)
})

const trailingNode = lane(
  { origin: http(reply({ body: 'ok', trailers: { 'x-sum': '1' } })) },
  { retry: { attempts: 1 } },
)

test("a Node server's trailers do not fail the request after them", async () => {
  const { router, url } = trailingNode()
  for (let count = 0; count < 5; count += 1) {
    const got = await router.send(url)
    expect([got.status, got.text]).toEqual([200, 'ok'])
  }
})

const hinting = lane({ origin: raw(scripts.stall) }, { expose: true })

test('103 Early Hints and 100 Continue before an answer do not reach the client, the answer does', async () => {
  const { origin, router, url } = hinting()
  for (const script of [scripts.earlyHints, scripts.continueFirst]) {
    origin.play(script)
    const got = await router.send(url)
    expect([got.status, got.text, got.informational]).toEqual([200, 'hello', []])
  }
  expect(origin.requests).toHaveLength(2)
})

const framing = lane({ origin: raw(scripts.bothFramings) })

test('a length beside a chunked coding does not reach the client', async () => {
  const { router, url } = framing()
  const got = await router.send(url)
  expect([got.status, got.text, got.complete]).toEqual([200, 'hello', true])
  expect(headerValues(got, 'content-length')).toEqual([])
})

const repeating = lane({ origin: raw(scripts.repeatedContentLength) }, { expose: true })

test('a length that stands twice and agrees reaches the client once', async () => {
  const { router, url } = repeating()
  const got = await router.send(url)
  expect([got.text, headerValues(got, 'content-length')]).toEqual(['hello', ['5']])
})

const coding = lane({ origin: raw(scripts.unknownTransferEncoding) })

test('a transfer coding that nobody knows is taken for a body that ends with the connection', async () => {
  const { router, url } = coding()
  const got = await router.send(url)
  expect([got.status, got.text, header(got, 'transfer-encoding')]).toEqual([
    200,
    'uryyb',
    'chunked',
  ])
})

const contentless = lane({ origin: raw(scripts.noContentWithBody) }, { expose: true })

test('a body where there may be none does not reach the client', async () => {
  const { router, url } = contentless()
  const got = await router.send(url)
  expect([got.status, got.text, got.complete]).toEqual([204, '', true])
})

const odd = lane({ origin: raw(scripts.stall) }, { expose: true })

test('odd statuses pass as they are, with their reason phrase and body', async () => {
  const { origin, router, url } = odd()
  for (const status of [299, 451, 599, 600, 700, 999]) {
    origin.play(scripts.rawStatus(String(status)))
    const got = await router.send(url)
    expect([got.status, got.statusText, got.text]).toEqual([status, 'Odd', 'hello'])
  }
})

const nominating = lane({ origin: raw(scripts.connectionNominated) })

test('headers that the origin nominates as its connection’s own do not reach the client', async () => {
  const { router, url } = nominating()
  const got = await router.send(url)
  expect([header(got, 'x-hop'), header(got, 'keep-alive'), header(got, 'x-end')]).toEqual([
    undefined,
    undefined,
    'kept',
  ])
})

describe.each([{}, { expose: true }])('by a route with %j', (route) => {
  const latin = lane({ origin: raw(scripts.latin1Header) }, route)

  test('header bytes that are not UTF-8 reach the client as they are', async () => {
    const { router, host } = latin()
    const text = await exchangeRaw(
      router.url,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 200 Fine\r\n/)
    expect(text).toMatch(/^x-name: caf\u00e9\r$/m)
  })
})

const lost = lane({ lost: unresolved, sound: http() }, { timeouts: { firstByte: '2s' } })

test('an origin whose name does not resolve is passed over', async () => {
  const { router, url } = lost()
  const got = await router.send(url)
  expect(JSON.parse(got.text)).toMatchObject({ origin: 'sound' })
})
