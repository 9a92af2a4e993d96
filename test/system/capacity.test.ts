import { expect, test } from 'vitest'
import { header } from '../support/client.ts'
import { problemOf } from '../support/problem.ts'
import { gate, identify } from '../support/reply.ts'
import { startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

test('an origin at its limit is passed over, and takes requests again when it has room', async () => {
  const held = gate(identify)
  const small = await stageOrigin('small', held.reply)
  const large = await stageOrigin('large')
  const router = await startRouter({
    pools: {
      small: { origins: { small: { url: small.url, maxConnections: 2 } } },
      large: { origins: { large: { url: large.url } } },
    },
    routes: { main: { steer: { policy: 'failover', pools: ['small', 'large'] } } },
  })
  const waiting = [router.send('http://shop.test/'), router.send('http://shop.test/')]
  await until(() => small.requests.length === 2)
  expect(header(await router.send('http://shop.test/'), 'x-origin')).toBe('large')
  held.open()
  const answers = await Promise.all(waiting)
  expect(answers.map((answer) => header(answer, 'x-origin'))).toEqual(['small', 'small'])
  expect(header(await router.send('http://shop.test/'), 'x-origin')).toBe('small')
})

test('a request for which nobody has room is refused, never piled up', async () => {
  const held = gate(identify)
  const only = await stageOrigin('only', held.reply)
  const router = await startRouter({
    pools: { all: { origins: { only: { url: only.url, maxConnections: 1 } } } },
    routes: { main: { steer: { policy: 'failover', pools: ['all'] } } },
  })
  const waiting = router.send('http://shop.test/')
  await until(() => only.requests.length === 1)
  const got = await router.send('http://shop.test/')
  expect([got.status, header(got, 'retry-after')]).toEqual([503, '10'])
  expect(problemOf(got)).toMatchObject({ reason: 'overloaded' })
  held.open()
  expect((await waiting).status).toBe(200)
})

test('uploads that are read at the same time keep the limit too', async () => {
  const held = gate(identify)
  const only = await stageOrigin('only', held.reply)
  const router = await startRouter({
    pools: { all: { origins: { only: { url: only.url, maxConnections: 3 } } } },
    routes: { main: { steer: { policy: 'failover', pools: ['all'] } } },
  })
  const sent = Array.from({ length: 20 }, () =>
    router.send('http://shop.test/', { method: 'POST', body: 'x'.repeat(5000) }),
  )
  await held.reached
  const refused = await Promise.any(sent)
  expect([refused.status, problemOf(refused)]).toMatchObject([503, { reason: 'overloaded' }])
  // Who was to be refused has been: only those who have a place are still waiting.
  await until(() => only.requests.length === 3)
  held.open()
  const statuses = (await Promise.all(sent)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(only.requests.length)
  expect(only.requests.length).toBeLessThan(20)
})
