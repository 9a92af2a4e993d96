import { expect, test } from 'vitest'
import { http, shareLanes } from '../support/lane.ts'
import type { Reply } from '../support/origin.ts'
import { after, inTurn, reply } from '../support/reply.ts'
import type { Router } from '../support/router.ts'
import { until } from '../support/until.ts'

const failing = reply({ status: 503 })
const inTurns = { balance: { algorithm: 'round-robin' } } as const

const lane = shareLanes()

type To = Readonly<Record<'router', Router> & Record<'url', string>>

async function sendMany({ router, url }: To, count: number): Promise<readonly number[]> {
  const statuses = []
  for (let sent = 0; sent < count; sent += 1) statuses.push((await router.send(url)).status)
  return statuses
}

/** What the router says of the origins of these names, which no other lane has. */
async function seenOf({ router }: To, ...names: readonly string[]) {
  const { origins } = await router.status()
  return origins.filter(({ origin }) => names.includes(origin.replace(/-\d+$/, '')))
}

const broken = lane({ bad: http(failing), good: http() }, {}, inTurns)

test('an origin that fails five times in a row gets no more requests', async () => {
  const { bad, good, ...to } = broken()
  const statuses = await sendMany(to, 40)
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect([bad.requests.length, good.requests.length]).toEqual([5, 40])
  expect(await seenOf(to, 'bad')).toMatchObject([
    { failures: 5, ejections: 1, cause: expect.stringContaining('5') },
  ])
})

const dying = lane({ dead: http(), good: http() }, {}, inTurns)

test('an origin that cannot be reached is put aside likewise', async () => {
  const { dead, ...to } = dying()
  await dead.kill()
  expect(new Set(await sendMany(to, 30))).toEqual(new Set([200]))
  expect(await seenOf(to, 'dead')).toMatchObject([{ requests: 5, ejections: 1 }])
})

const halfWell = lane(
  { flaky: http(), good: http() },
  {},
  { ...inTurns, outlier: { minRequests: 20, failureRate: 0.5, consecutive: 1000 } },
)

test('an origin that fails half of many requests is put aside', async () => {
  const { flaky, ...to } = halfWell()
  let count = 0
  flaky.answer((exchange) => {
    count += 1
    return reply({ status: count % 2 === 0 ? 503 : 200 })(exchange)
  })
  await sendMany(to, 60)
  expect(await seenOf(to, 'flaky')).toMatchObject([{ ejections: 1 }])
  expect(flaky.requests.length).toBeLessThanOrEqual(21)
})

/** When requests came to the origin that comes back. */
const cameMs: number[] = []
const failsTwice = inTurn(failing, failing, reply({ body: 'back' }))
const noted: Reply = (exchange) => {
  cameMs.push(Date.now())
  return failsTwice(exchange)
}
const returning = lane(
  { recovering: http(noted), good: http() },
  {},
  { ...inTurns, outlier: { consecutive: 2, ejection: '1s' } },
)

test('an origin comes back when its time is over, and not before', async () => {
  const { router, url } = returning()
  await until(async () => (await router.send(url)).text === 'back')
  const [, putAsideMs = 0, backMs = 0] = cameMs
  expect(backMs - putAsideMs).toBeGreaterThanOrEqual(1000)
})

const lost = lane(
  { one: http(failing), two: http(failing), three: http(failing), four: http(failing) },
  {},
  inTurns,
)

test('at most half of a pool is put aside', async () => {
  const to = lost()
  await sendMany(to, 40)
  const seen = await seenOf(to, 'one', 'two', 'three', 'four')
  expect(seen.filter(({ ejectedForMs }) => ejectedForMs !== undefined)).toHaveLength(2)
})

const lonely = lane({ only: http(failing) }, { retry: { attempts: 1 } }, {})

test('the last origin keeps its requests, whatever it answers', async () => {
  const { only, ...to } = lonely()
  const statuses = await sendMany(to, 12)
  expect(statuses.filter((status) => status === 503)).toHaveLength(12)
  expect(only.requests).toHaveLength(12)
})

const late = lane(
  { slow: http(after(600, reply({ body: 'slow' }))), quick: http() },
  {},
  { ...inTurns, outlier: { consecutive: 3, slow: '500ms' } },
)

test('an answer slower than the threshold counts as a failure', async () => {
  const { slow, ...to } = late()
  expect(new Set(await sendMany(to, 12))).toEqual(new Set([200]))
  expect(slow.requests).toHaveLength(3)
})

const refusing = lane(
  { unknowing: http(reply({ status: 404 })), busy: http(reply({ status: 429 })) },
  {},
  inTurns,
)

test('errors of the client’s making are not held against an origin', async () => {
  const to = refusing()
  await sendMany(to, 20)
  expect(await seenOf(to, 'unknowing', 'busy')).toMatchObject([
    { failures: 0, ejections: 0 },
    { failures: 0, ejections: 0 },
  ])
})
