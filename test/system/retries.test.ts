import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Reply } from '../support/origin.ts'
import { problemOf } from '../support/problem.ts'
import * as scripts from '../support/raw-scripts.ts'
import { header } from '../support/client.ts'
import { inTurn, reply } from '../support/reply.ts'
import { http, raw, shareLanes } from '../support/lane.ts'
import { startRouter } from '../support/router.ts'
import { type RouteParts, inOrder, stageOrigin, stageRawOrigin } from '../support/stage.ts'

/** Two origins: the first fails after it has read a request, and is never put aside; the second would answer. */
async function stageFailover() {
  const broken = await stageRawOrigin('broken', scripts.resetAfterRequest)
  const sound = await stageOrigin('sound')
  const { pools, routes } = inOrder([broken, sound])
  const first = { outlier: { consecutive: 1000 }, origins: { broken: { url: broken.url } } }
  const router = await startRouter({
    pools: { ...pools, broken: first },
    ...(routes && { routes }),
  })
  return { sound, router }
}

const lane = shareLanes()

function failover(route: RouteParts = {}) {
  return lane({ broken: raw(scripts.resetAfterRequest), sound: http() }, route)
}

function down(body: string) {
  return http(reply({ status: 503, body }))
}

describe('a request that may be repeated', () => {
  test('is tried again elsewhere, by each method that allows it', async () => {
    const { sound, router } = await stageFailover()
    const methods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PROPFIND']
    for (const method of methods) {
      expect((await router.send('http://shop.test/', { method })).status).toBe(200)
    }
    expect(sound.requests.map(({ method }) => method)).toEqual(methods)
  })

  const erring = lane({ first: http(), second: http(reply({ body: 'ok' })) })

  test('is tried again elsewhere after a 502, 503 or 504, and after no other status', async () => {
    const { first, router, url } = erring()
    for (const status of [500, 501, 429, 404, 502, 503, 504]) {
      first.answer(reply({ status, body: 'no' }))
      const got = await router.send(url)
      const expected = [502, 503, 504].includes(status) ? [200, 'ok'] : [status, 'no']
      expect([status, got.status, got.text]).toEqual([status, ...expected])
    }
  })

  const fiveThenThree = http(inTurn(reply({ status: 500 }), reply({ status: 503 })))
  const naming = lane({ first: fiveThenThree, second: http() }, { retry: { statuses: [500] } })

  test('is tried again after the statuses that the route names, and no others', async () => {
    const { router, url } = naming()
    expect((await router.send(url)).status).toBe(200)
    expect((await router.send(url)).status).toBe(503)
  })

  const downOnce = http(inTurn(reply({ status: 503 }), reply({ body: 'ok' })))
  const alone = lane({ only: downOnce }, { retry: { backoff: '1ms' } })

  test('goes to the same origin again when there is no other', async () => {
    const { router, url } = alone()
    expect((await router.send(url)).text).toBe('ok')
  })

  const pause = [['Retry-After', '30']] as const
  const pausing = lane({ only: http(reply({ status: 503, headers: pause, body: 'later' })) })

  test('does not go to the same origin again that asked for a pause', async () => {
    const { only, router, url } = pausing()
    const got = await router.send(url)
    expect([got.status, header(got, 'retry-after'), got.text]).toEqual([503, '30', 'later'])
    expect(only.requests).toHaveLength(1)
  })

  const ending = lane({
    one: down('one'),
    two: down('two'),
    three: down('three'),
    four: down('four'),
  })

  test('ends with the last answer when every origin fails', async () => {
    const { one, two, three, four, router, url } = ending()
    const got = await router.send(url)
    expect([got.status, got.text]).toEqual([503, 'three'])
    expect([one, two, three, four].map(({ requests }) => requests.length)).toEqual([1, 1, 1, 0])
  })
})

describe('a request that may not be repeated', () => {
  describe.each(['POST', 'PATCH'])('%s', (method) => {
    const once = failover()

    test('is sent once: the honest answer is 502', async () => {
      const { broken, sound, router, url } = once()
      const got = await router.send(url, { method, body: 'order' })
      expect(got.status).toBe(502)
      expect(problemOf(got)).toMatchObject({ reason: 'origin-failed' })
      expect([broken.requests.length, sound.requests.length]).toEqual([1, 0])
    })
  })

  const keyed = failover()

  test('is not sent again for an Idempotency-Key that the route does not take', async () => {
    const { sound, router, url } = keyed()
    const headers = [['Idempotency-Key', '"k"']] as const
    const got = await router.send(url, { method: 'POST', body: 'order', headers })
    expect([got.status, sound.requests.length]).toEqual([502, 0])
  })

  const refusing = lane({ first: http(reply({ status: 503, body: 'down' })), second: http() })

  test('is passed the 503 of its only attempt as it is', async () => {
    const { second, router, url } = refusing()
    const got = await router.send(url, { method: 'POST', body: 'order' })
    expect([got.status, got.text, second.requests.length]).toEqual([503, 'down', 0])
  })
})

describe('a body', () => {
  const small = Buffer.alloc(65_536, 'abcdefg')
  const sha256 = createHash('sha256').update(small).digest('hex')

  const kept = failover()

  test('up to the limit is sent again whole', async () => {
    const { broken, sound, router, url } = kept()
    const got = await router.send(url, { method: 'PUT', body: small })
    expect(got.status).toBe(200)
    expect(broken.requests[0]?.body.equals(small)).toBe(true)
    expect(sound.requests).toMatchObject([{ bodyBytes: small.length, bodySha256: sha256 }])
  })

  const taken = failover({ retry: { idempotencyKey: true } })

  test('is sent again with an Idempotency-Key where the route takes it', async () => {
    const { sound, router, url } = taken()
    const headers = [['Idempotency-Key', '"k"']] as const
    const got = await router.send(url, { method: 'POST', body: small, headers })
    expect(got.status).toBe(200)
    expect(sound.requests).toMatchObject([{ method: 'POST', bodySha256: sha256 }])
  })

  const large = failover()

  test('over the limit is sent once', async () => {
    const { sound, router, url } = large()
    const body = Buffer.alloc(65_537)
    const got = await router.send(url, { method: 'PUT', body })
    expect([got.status, sound.requests.length]).toEqual([502, 0])
  })

  const streamed = failover()

  test('of unknown length is sent once', async () => {
    const { sound, router, url } = streamed()
    const body = Readable.from([Buffer.from('abc')])
    const got = await router.send(url, { method: 'PUT', body })
    expect([got.status, sound.requests.length]).toEqual([502, 0])
  })
})

const halfway = lane({ broken: raw(scripts.resetMidBody), sound: http() })

test('an answer that has begun is never begun again elsewhere', async () => {
  const { sound, router, url } = halfway()
  const got = await router.send(url)
  expect([got.status, got.complete, sound.requests.length]).toEqual([200, false, 0])
})

test('retries stop when their budget is spent', async () => {
  const failing: Reply = reply({ status: 503 })
  const origins = [await stageOrigin('one', failing), await stageOrigin('two', failing)]
  const config = inOrder(origins, { retry: { budget: 0.2, minRetriesPerSecond: 1, attempts: 2 } })
  const router = await startRouter(config)
  for (let count = 0; count < 40; count += 1) await router.send('http://shop.test/')
  const { isolate } = await router.status()
  // 20 % of 40 requests, and ten in any ten seconds: so few requests are sent in less, on a slow machine as well.
  expect(isolate).toMatchObject({ retries: 18, retriesDenied: 22 })
})

test('a retry leaves a pool whose origins all fail', async () => {
  const failing: Reply = reply({ status: 503 })
  const lost = []
  for (const id of ['lost-1', 'lost-2', 'lost-3']) lost.push(await stageOrigin(id, failing))
  const sound = await stageOrigin('sound')
  const router = await startRouter({
    pools: {
      lost: { origins: Object.fromEntries(lost.map(({ id, url }) => [id, { url }])) },
      sound: { origins: { sound: { url: sound.url } } },
    },
    routes: { main: { steer: { policy: 'failover', pools: ['lost', 'sound'] } } },
  })
  for (let count = 0; count < 4; count += 1) {
    expect((await router.send('http://shop.test/')).status).toBe(200)
  }
  expect(sound.requests).toHaveLength(4)
})
