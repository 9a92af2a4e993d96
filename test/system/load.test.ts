import { expect, test } from 'vitest'
import { load } from '../support/load.ts'
import { after, reply } from '../support/reply.ts'
import { startRouter } from '../support/router.ts'
import { inOnePool, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const quick = after(2, reply({ body: 'ok' }))

test('an origin killed under load of idempotent requests fails no client', async () => {
  const origins = [
    await stageOrigin('one', quick),
    await stageOrigin('two', quick),
    await stageOrigin('three', quick),
  ]
  const router = await startRouter(inOnePool(origins))
  let killed: Promise<void> | undefined
  const tally = await load({ requests: 1200, concurrency: 32 }, (number, agent) => {
    if (number === 400) killed = origins[0]?.kill()
    return router.send('http://shop.test/', { agent })
  })
  await killed
  expect(tally).toEqual({ 200: 1200 })
  expect(origins[0]?.requests.length).toBeGreaterThan(100)
})

test('an origin killed under load of orders gets none of them sent twice', async () => {
  const origins = [await stageOrigin('one', quick), await stageOrigin('two', quick)]
  const router = await startRouter(inOnePool(origins))
  let killed: Promise<void> | undefined
  const tally = await load({ requests: 1000, concurrency: 32 }, (number, agent) => {
    if (number === 350) killed = origins[0]?.kill()
    return router.send(`http://shop.test/${number}`, { agent, method: 'POST', body: 'order' })
  })
  await killed
  const seen = origins.flatMap(({ requests }) => requests.map(({ target }) => target))
  expect(seen).toHaveLength(new Set(seen).size)
  // Those that were on their way to it, and those that found out: five, and one for each that came meanwhile.
  expect(tally['502']).toBeGreaterThan(0)
  expect(tally['502']).toBeLessThanOrEqual(64)
  expect((tally['200'] ?? 0) + (tally['502'] ?? 0)).toBe(1000)
})

test('origins that die and come back in turns fail no client', async () => {
  const one = await stageOrigin('one', quick)
  const two = await stageOrigin('two', quick)
  const outlier = { ejection: '1s', maxEjection: '1s' } as const
  const router = await startRouter(inOnePool([one, two], { outlier }))
  let isOver = false
  const loading = load({ concurrency: 16, pauseMs: 40, isOver: () => isOver }, (_, agent) =>
    router.send('http://shop.test/', { agent }),
  )
  for (const origin of [one, two, one]) {
    const served = origin.requests.length
    await until(() => origin.requests.length > served + 50)
    await origin.kill()
    await until(async () =>
      (await router.status()).origins.some(({ ejectedForMs }) => ejectedForMs),
    )
    const reached = origin.requests.length
    await origin.revive()
    await until(() => origin.requests.length > reached + 50)
  }
  isOver = true
  const tally = await loading
  expect(Object.keys(tally)).toEqual(['200'])
})

test('a thousand requests at once are all answered, each by its own origin’s answer', async () => {
  const origins = [
    await stageOrigin(
      'one',
      after(200, ({ received, response }) => void response.end(received.target)),
    ),
    await stageOrigin(
      'two',
      after(200, ({ received, response }) => void response.end(received.target)),
    ),
  ]
  const router = await startRouter(inOnePool(origins))
  let mixedUp = 0
  const tally = await load({ requests: 1000, concurrency: 1000 }, async (number, agent) => {
    const got = await router.send(`http://shop.test/${number}`, { agent })
    if (got.text !== `/${number}`) mixedUp += 1
    return got
  })
  expect(tally).toEqual({ 200: 1000 })
  expect(mixedUp).toBe(0)
  expect(await router.status()).toMatchObject({ isolate: { mistakes: 0, refusals: 0, retries: 0 } })
})
