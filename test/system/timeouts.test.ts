import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { problemOf } from '../support/problem.ts'
import { http, raw, shareLanes } from '../support/lane.ts'
import { connectRaw } from '../support/raw-client.ts'
import * as scripts from '../support/raw-scripts.ts'
import { after, bigBody, eventSource, reply } from '../support/reply.ts'
import type { RouteParts } from '../support/stage.ts'
import { until } from '../support/until.ts'

const lane = shareLanes()
const quick = { timeouts: { firstByte: '200ms' } } as const
/** Where an origin has to answer in time, also on a machine that stands still for a second. */
const roomy = { timeouts: { firstByte: '2s' } } as const

describe.each([
  ['accepts and says nothing', scripts.stall],
  ['never finishes its head', scripts.slowLoris],
] as const)('an origin that %s', (_, script) => {
  const first = lane({ stalled: raw(script), sound: http() }, roomy)
  const only = lane({ stalled: raw(script) }, quick)
  const events = eventSource()
  const before = lane({ stalled: raw(script), sound: http(events.reply) }, roomy)

  test('is left for the next when its time is up', async () => {
    const { router, url } = first()
    const beganMs = Date.now()
    const got = await router.send(url)
    expect(JSON.parse(got.text)).toMatchObject({ origin: 'sound' })
    expect(Date.now() - beganMs).toBeGreaterThanOrEqual(2000)
  })

  test('is told of with a 504 when there is no other', async () => {
    const { stalled, router, url } = only()
    const got = await router.send(url)
    expect(got.status).toBe(504)
    expect(problemOf(got)).toMatchObject({ reason: 'origin-timeout' })
    expect(stalled.requests).toHaveLength(1)
  })

  test('is let go of: its connection does not stay', async () => {
    const { stalled, router, url } = before()
    const answer = await router.open(url)
    // The answer of the other origin is still on its way: the request as a whole is not over.
    expect(answer.status).toBe(200)
    await until(() => stalled.openSockets === 0)
    answer.abandon()
  })
})

const ordered = lane({ stalled: raw(scripts.stall), sound: http() }, quick)

test('a POST whose origin stalls is not sent to another', async () => {
  const { sound, router, url } = ordered()
  const got = await router.send(url, { method: 'POST', body: 'order' })
  expect([got.status, sound.requests.length]).toEqual([504, 0])
})

const slow = http(after(150, reply({ status: 503 })))
const attempts = lane(
  { one: slow, two: slow, stalled: raw(scripts.stall) },
  { timeouts: { total: '500ms' } },
)

test('the total timeout covers all attempts', async () => {
  const { router, url } = attempts()
  const beganMs = Date.now()
  const got = await router.send(url)
  expect(got.status).toBe(504)
  expect(Date.now() - beganMs).toBeGreaterThanOrEqual(490)
  // The last attempt alone would be waited for much longer.
  expect(Date.now() - beganMs).toBeLessThan(5000)
})

const ends: readonly (readonly [string, RouteParts])[] = [
  ['the total timeout', { timeouts: { total: '1500ms' } }],
  [
    'the total timeout, with headers of the router’s own',
    { timeouts: { total: '1500ms' }, expose: true },
  ],
  ['the idle timeout', { timeouts: { idle: '300ms' } }],
  [
    'the idle timeout, with headers of the router’s own',
    { timeouts: { idle: '300ms' }, expose: true },
  ],
]

describe.each(ends)('%s', (_, route) => {
  const halfway = lane({ stalled: raw(scripts.stallMidBody) }, route)

  test('ends a body that stalls: the client sees that it is not whole', async () => {
    const { stalled, router, url } = halfway()
    const got = await router.send(url)
    expect([got.status, got.text, got.complete]).toEqual([200, 'hello', false])
    await until(() => stalled.openSockets === 0)
  })
})

const endless = eventSource()
const unending = lane({ origin: http(endless.reply) }, { timeouts: { total: '1500ms' } })

test('the total timeout ends a body that never ends', async () => {
  const { router, url } = unending()
  const sending = setInterval(() => endless.send('more'), 20)
  const got = await router.send(url)
  clearInterval(sending)
  expect([got.status, got.complete]).toEqual([200, false])
})

const events = eventSource()
const coming = lane({ origin: http(events.reply) }, { timeouts: { idle: '1500ms' } })

test('the idle timeout leaves a body alone that keeps coming', async () => {
  const { router, url } = coming()
  const answer = await router.open(url)
  let text = ''
  answer.body.on('data', (chunk: Buffer) => (text += chunk.toString()))
  for (let count = 1; count <= 8; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    events.send(String(count))
  }
  events.end()
  await until(() => answer.body.closed)
  expect([answer.body.complete, text.split('\n\n').length]).toEqual([true, 9])
})

const size = 40 * 2 ** 20
const reading = lane({ origin: http(bigBody(size)) }, { timeouts: { idle: '1200ms' } })

test('the idle timeout leaves a client alone that reads slowly', async () => {
  const { router, url } = reading()
  const answer = await router.open(url)
  answer.body.pause()
  // Long enough for the limit to pass more than twice over.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  let bytes = 0
  answer.body.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume()
  await until(() => answer.body.closed)
  expect([bytes, answer.body.complete]).toEqual([size, true])
})

const uploading = lane({ origin: http() }, roomy)

test('an upload may take longer than the first byte of its answer', async () => {
  const { router, url, seen } = uploading()
  const body = new Readable({ read: () => undefined })
  const sending = setInterval(() => body.push('more'), 50)
  setTimeout(() => {
    clearInterval(sending)
    body.push(null)
  }, 2500)
  const got = await router.send(url, { method: 'POST', body })
  expect(got.status).toBe(200)
  expect(await seen()).toMatchObject([{ failures: 0 }])
})

const crawling = lane({ one: http(), two: http() }, quick, {})

test('clients that send slowly cannot have an origin ejected', async () => {
  const { router, host, seen } = crawling()
  const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(router.url)))
  for (const client of clients) {
    client.write(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10\r\n\r\na`)
  }
  // Long enough for every limit that might be held against an origin.
  await new Promise((resolve) => setTimeout(resolve, 600))
  for (const client of clients) client.reset()
  expect(await seen()).toMatchObject([{ ejections: 0 }, { ejections: 0 }])
})

const passing = lane(
  { origin: http(reply({ body: 'quick' })) },
  { timeouts: { firstByte: '1200ms', idle: '1200ms', total: '1200ms' } },
)

test('no timer outlives its request', async () => {
  const { router, url, seen } = passing()
  for (let count = 0; count < 5; count += 1) {
    const got = await router.send(url)
    expect([got.status, got.text, got.complete]).toEqual([200, 'quick', true])
  }
  // Only the passing of time can show that nothing more comes of them.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(await router.status()).toMatchObject({ isolate: { mistakes: 0 } })
  expect(await seen()).toMatchObject([{ failures: 0, requests: 5 }])
})
