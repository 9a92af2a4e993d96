import { describe, expect, test } from 'vitest'
import * as scripts from '../support/raw-scripts.ts'
import { connectRaw } from '../support/raw-client.ts'
import { bigBody, eventSource, gate, identify } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { http, raw, shareLanes } from '../support/lane.ts'
import { type RouteParts, inOrder, stageOrigin, stageRawOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const ways: readonly (readonly [string, RouteParts])[] = [
  ['as it comes', {}],
  ['with headers of the router’s own', { expose: true }],
  ['under a total timeout', { timeouts: { total: '10s' } }],
  ['under an idle timeout', { timeouts: { idle: '10s' } }],
]

/** Sends a GET and goes away once `hasArrived`. */
async function leave(router: Router, hasArrived: () => boolean, host = 'shop.test'): Promise<void> {
  const client = await connectRaw(router.url)
  client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await until(hasArrived)
  client.reset()
}

const lane = shareLanes()

describe.each(ways)('%s, a client that goes away', (_, route) => {
  const stalling = lane({ origin: raw(scripts.stall) }, route)
  const answering = lane({ origin: http(bigBody(2 ** 30)) }, route)
  const events = eventSource()
  const telling = lane({ origin: http(events.reply) }, route)

  test('before the head of the answer takes its request to the origin with it', async () => {
    const { origin, router, host } = stalling()
    await leave(router, () => origin.requests.length === 1, host)
    await until(() => origin.openSockets === 0)
    expect(origin.requests).toHaveLength(1)
  })

  test('while a body comes takes it with it', async () => {
    const { origin, router, url } = answering()
    const answer = await router.open(url)
    answer.abandon()
    await until(() => origin.requests[0]?.aborted === true)
    expect(origin.requests).toHaveLength(1)
  })

  test('from a stream of events takes it with it when the next event comes', async () => {
    const { origin, router, url } = telling()
    const answer = await router.open(url)
    answer.abandon()
    await until(() => {
      events.send('is anyone there')
      return origin.requests[0]?.aborted === true
    })
    expect(origin.requests).toHaveLength(1)
  })
})

test('a mirrored request does not keep the request to the origin alive', async () => {
  const origin = await stageRawOrigin('origin', scripts.stall)
  const copy = await stageOrigin('copy')
  const config = inOrder([origin], { mirror: { pool: 'copies', percent: 100 } })
  const router = await startRouter({
    ...config,
    pools: { ...config.pools, copies: { origins: { copy: { url: copy.url } } } },
  })
  await leave(router, () => origin.requests.length === 1)
  await until(() => origin.openSockets === 0)
  expect(origin.requests).toHaveLength(1)
})

const uploading = lane({ origin: http() })

test('a client that breaks its upload off is not held against the origin', async () => {
  const { origin, router, host, url, seen } = uploading()
  for (let count = 1; count <= 8; count += 1) {
    const client = await connectRaw(router.url)
    client.write(`PUT / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\nabc`)
    await until(() => origin.requests.length === count)
    client.reset()
    await until(() => origin.requests.at(-1)?.aborted === true)
  }
  expect((await router.send(url)).status).toBe(200)
  expect(await seen()).toMatchObject([{ failures: 0, ejections: 0 }])
})

const held = gate(identify)
const counted = lane(
  { origin: http(held.reply) },
  {},
  { balance: { algorithm: 'least-connections' } },
)

test('clients that went away do not count as connections for long', async () => {
  const { origin, router, host, url, seen } = counted()
  for (let count = 1; count <= 5; count += 1) {
    await leave(router, () => origin.requests.length === count, host)
  }
  await until(async () => (await seen())[0]?.inFlight === 0)
  held.open()
  expect((await router.send(url)).status).toBe(200)
})
