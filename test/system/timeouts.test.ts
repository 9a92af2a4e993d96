import { describe, expect, test, vi } from 'vitest'
import { problemOf } from '../support/problem.ts'
import * as scripts from '../support/raw-scripts.ts'
import { after, eventSource, reply } from '../support/reply.ts'
import { type RouteParts, inOrder, stageOrigin, stageRawOrigin } from '../support/stage.ts'
import { startRouter } from '../support/router.ts'

describe.each([
  ['accepts and says nothing', scripts.stall],
  ['never finishes its head', scripts.slowLoris],
] as const)('an origin that %s', (_, script) => {
  test('is left for the next when its time is up', async () => {
    const stalled = await stageRawOrigin('stalled', script)
    const sound = await stageOrigin('sound')
    const config = inOrder([stalled, sound], { timeouts: { firstByte: '200ms' } })
    const router = await startRouter(config)
    const beganMs = Date.now()
    const got = await router.send('http://shop.test/')
    expect(JSON.parse(got.text)).toMatchObject({ origin: 'sound' })
    expect(Date.now() - beganMs).toBeGreaterThanOrEqual(200)
  })

  test('is told of with a 504 when there is no other', async () => {
    const stalled = await stageRawOrigin('stalled', script)
    const router = await startRouter(inOrder([stalled], { timeouts: { firstByte: '200ms' } }))
    const got = await router.send('http://shop.test/')
    expect(got.status).toBe(504)
    expect(problemOf(got)).toMatchObject({ reason: 'origin-timeout' })
    expect(stalled.requests).toHaveLength(1)
  })

  test('is let go of: its connection does not stay', async () => {
    const stalled = await stageRawOrigin('stalled', script)
    const events = eventSource()
    const sound = await stageOrigin('sound', events.reply)
    const config = inOrder([stalled, sound], { timeouts: { firstByte: '200ms' } })
    const router = await startRouter(config)
    const answer = await router.open('http://shop.test/')
    // The answer of the other origin is still on its way: the request as a whole is not over.
    expect(answer.status).toBe(200)
    await vi.waitUntil(() => stalled.openSockets === 0)
    answer.abandon()
  })
})

test('a POST whose origin stalls is not sent to another', async () => {
  const stalled = await stageRawOrigin('stalled', scripts.stall)
  const sound = await stageOrigin('sound')
  const config = inOrder([stalled, sound], { timeouts: { firstByte: '200ms' } })
  const router = await startRouter(config)
  const got = await router.send('http://shop.test/', { method: 'POST', body: 'order' })
  expect([got.status, sound.requests.length]).toEqual([504, 0])
})

test('the total timeout covers all attempts', async () => {
  const slow = after(150, reply({ status: 503 }))
  const origins = [await stageOrigin('one', slow), await stageOrigin('two', slow)]
  const stalled = await stageRawOrigin('stalled', scripts.stall)
  const config = inOrder([...origins, stalled], { timeouts: { total: '500ms' } })
  const router = await startRouter(config)
  const beganMs = Date.now()
  const got = await router.send('http://shop.test/')
  expect(got.status).toBe(504)
  expect(Date.now() - beganMs).toBeGreaterThanOrEqual(490)
  expect(Date.now() - beganMs).toBeLessThan(2000)
})

const ends: readonly (readonly [string, RouteParts])[] = [
  ['the total timeout', { timeouts: { total: '400ms' } }],
  [
    'the total timeout, with headers of the router’s own',
    { timeouts: { total: '400ms' }, expose: true },
  ],
  ['the idle timeout', { timeouts: { idle: '300ms' } }],
  [
    'the idle timeout, with headers of the router’s own',
    { timeouts: { idle: '300ms' }, expose: true },
  ],
]

test.each(ends)(
  '%s ends a body that stalls: the client sees that it is not whole',
  async (_, route) => {
    const stalled = await stageRawOrigin('stalled', scripts.stallMidBody)
    const router = await startRouter(inOrder([stalled], route))
    const got = await router.send('http://shop.test/')
    expect([got.status, got.text, got.complete]).toEqual([200, 'hello', false])
    await vi.waitUntil(() => stalled.openSockets === 0)
  },
)

test('the total timeout ends a body that never ends', async () => {
  const events = eventSource()
  const origin = await stageOrigin('origin', events.reply)
  const router = await startRouter(inOrder([origin], { timeouts: { total: '500ms' } }))
  const sending = setInterval(() => events.send('more'), 20)
  const got = await router.send('http://shop.test/')
  clearInterval(sending)
  expect([got.status, got.complete]).toEqual([200, false])
})

test('the idle timeout leaves a body alone that keeps coming', async () => {
  const events = eventSource()
  const origin = await stageOrigin('origin', events.reply)
  const router = await startRouter(inOrder([origin], { timeouts: { idle: '300ms' } }))
  const answer = await router.open('http://shop.test/')
  let text = ''
  answer.body.on('data', (chunk: Buffer) => (text += chunk.toString()))
  for (let count = 1; count <= 8; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    events.send(String(count))
  }
  events.end()
  await vi.waitUntil(() => answer.body.closed)
  expect([answer.body.complete, text.split('\n\n').length]).toEqual([true, 9])
})

test('no timer outlives its request', async () => {
  const origin = await stageOrigin('origin', reply({ body: 'quick' }))
  const timeouts = { firstByte: '150ms', idle: '150ms', total: '150ms' }
  const router = await startRouter(inOrder([origin], { timeouts }))
  for (let count = 0; count < 5; count += 1) {
    const got = await router.send('http://shop.test/')
    expect([got.status, got.text, got.complete]).toEqual([200, 'quick', true])
  }
  // Only the passing of time can show that nothing more comes of them.
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await router.status()).toMatchObject({
    isolate: { mistakes: 0 },
    origins: [{ failures: 0, requests: 5 }],
  })
})
