import { expect, test } from 'vitest'
import { after, inTurn, reply } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { inOnePool, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const failing = reply({ status: 503 })
const inTurns = { balance: { algorithm: 'round-robin' } } as const

async function sendMany(router: Router, count: number): Promise<readonly number[]> {
  const statuses = []
  for (let sent = 0; sent < count; sent += 1) {
    statuses.push((await router.send('http://shop.test/')).status)
  }
  return statuses
}

test('an origin that fails five times in a row gets no more requests', async () => {
  const bad = await stageOrigin('bad', failing)
  const good = await stageOrigin('good')
  const router = await startRouter(inOnePool([bad, good], inTurns))
  const statuses = await sendMany(router, 40)
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect([bad.requests.length, good.requests.length]).toEqual([5, 40])
  const { origins } = await router.status()
  expect(origins.find(({ origin }) => origin === 'bad')).toMatchObject({
    failures: 5,
    ejections: 1,
    cause: expect.stringContaining('5'),
  })
})

test('an origin that cannot be reached is put aside likewise', async () => {
  const dead = await stageOrigin('dead')
  const good = await stageOrigin('good')
  await dead.kill()
  const router = await startRouter(inOnePool([dead, good], inTurns))
  expect(new Set(await sendMany(router, 30))).toEqual(new Set([200]))
  const { origins } = await router.status()
  expect(origins.find(({ origin }) => origin === 'dead')).toMatchObject({
    requests: 5,
    ejections: 1,
  })
})

test('an origin that fails half of many requests is put aside', async () => {
  const flaky = await stageOrigin('flaky')
  const good = await stageOrigin('good')
  let count = 0
  flaky.answer((exchange) => {
    count += 1
    return reply({ status: count % 2 === 0 ? 503 : 200 })(exchange)
  })
  const outlier = { minRequests: 20, failureRate: 0.5, consecutive: 1000 }
  const router = await startRouter(inOnePool([flaky, good], { ...inTurns, outlier }))
  await sendMany(router, 60)
  const { origins } = await router.status()
  expect(origins.find(({ origin }) => origin === 'flaky')).toMatchObject({ ejections: 1 })
  expect(flaky.requests.length).toBeLessThanOrEqual(21)
})

test('an origin comes back when its time is over', async () => {
  const recovering = await stageOrigin(
    'recovering',
    inTurn(failing, failing, reply({ body: 'back' })),
  )
  const good = await stageOrigin('good')
  const outlier = { consecutive: 2, ejection: '1s' } as const
  const router = await startRouter(inOnePool([recovering, good], { ...inTurns, outlier }))
  await sendMany(router, 6)
  expect(recovering.requests).toHaveLength(2)
  await until(async () => (await router.send('http://shop.test/')).text === 'back')
})

test('at most half of a pool is put aside', async () => {
  const origins = []
  for (const id of ['one', 'two', 'three', 'four']) origins.push(await stageOrigin(id, failing))
  const router = await startRouter(inOnePool(origins, inTurns))
  await sendMany(router, 40)
  const { origins: seen } = await router.status()
  expect(seen.filter(({ ejectedForMs }) => ejectedForMs !== undefined)).toHaveLength(2)
})

test('the last origin keeps its requests, whatever it answers', async () => {
  const only = await stageOrigin('only', failing)
  const router = await startRouter(inOnePool([only], {}, { retry: { attempts: 1 } }))
  const statuses = await sendMany(router, 12)
  expect(statuses.filter((status) => status === 503)).toHaveLength(12)
  expect(only.requests).toHaveLength(12)
})

test('an answer slower than the threshold counts as a failure', async () => {
  const slow = await stageOrigin('slow', after(120, reply({ body: 'slow' })))
  const quick = await stageOrigin('quick')
  const outlier = { consecutive: 3, slow: '100ms' } as const
  const router = await startRouter(inOnePool([slow, quick], { ...inTurns, outlier }))
  expect(new Set(await sendMany(router, 12))).toEqual(new Set([200]))
  expect(slow.requests).toHaveLength(3)
})

test('errors of the client’s making are not held against an origin', async () => {
  const origin = await stageOrigin('origin', reply({ status: 404 }))
  const other = await stageOrigin('other', reply({ status: 429 }))
  const router = await startRouter(inOnePool([origin, other], inTurns))
  await sendMany(router, 20)
  const { origins } = await router.status()
  expect(origins).toMatchObject([
    { failures: 0, ejections: 0 },
    { failures: 0, ejections: 0 },
  ])
})
