import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, burst } from '../support/burst.ts'
import { header } from '../support/client.ts'
import { acceptSockets } from '../support/origin-socket.ts'
import { problemOf } from '../support/problem.ts'
import { connectRaw } from '../support/raw-client.ts'
import { eventSource, gate, identify, inTurn } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { inOrder, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

function perAddress(most: number) {
  return { concurrency: { perAddress: most } }
}

describe('who has too many requests under way', () => {
  test('is refused until one of them is over, and others are served', async () => {
    const held = gate(identify)
    const origin = await stageOrigin('origin', held.reply)
    const router = await startRouter(inOrder([origin], perAddress(2)))
    const waiting = [burst(router, 1), burst(router, 1)]
    await until(() => origin.requests.length === 2)
    const got = await ask(router, '203.0.113.1')
    expect([got.status, header(got, 'retry-after')]).toEqual([429, '1'])
    expect(problemOf(got)).toMatchObject({
      reason: 'too-many-at-once',
      detail: 'More than 2 requests of this address at the same time.',
    })
    const other = ask(router, '203.0.113.2')
    await until(() => origin.requests.length === 3)
    held.open()
    expect([(await Promise.all(waiting)).flat(), (await other).status]).toEqual([[200, 200], 200])
    expect(await burst(router, 3)).toEqual([200, 200, 200])
    expect((await router.status()).isolate).toMatchObject({ limits: { tooManyAtOnce: 1 } })
  })

  test('counts a body until its end, whoever ends it', async () => {
    const events = eventSource()
    const origin = await stageOrigin(
      'origin',
      inTurn(events.reply, identify, events.reply, identify),
    )
    const router = await startRouter(inOrder([origin], { concurrency: { perRoute: 1 } }))
    const first = await router.open('http://shop.test/')
    first.body.resume()
    expect(await burst(router, 1)).toEqual([429])
    events.end()
    await until(async () => (await burst(router, 1))[0] === 200)
    const second = await router.open('http://shop.test/')
    second.abandon()
    await until(async () => {
      // That nobody reads any more shows when there is something to be read.
      events.send('is anyone there')
      return (await burst(router, 1))[0] === 200
    })
  })

  test('counts a WebSocket until it is closed', async () => {
    const origin = await stageOrigin('origin')
    origin.upgrade(acceptSockets())
    const router = await startRouter(inOrder([origin], perAddress(1)))
    const socket = new WebSocket(`${router.url.replace('http', 'ws')}/`)
    onTestFinished(() => socket.terminate())
    await once(socket, 'open')
    expect(await burst(router, 1, { headers: [] })).toEqual([429])
    socket.close()
    await waitForRoom(router)
  })

  test('counts nobody who went away before the answer', async () => {
    const held = gate(identify)
    const origin = await stageOrigin('origin', held.reply)
    const router = await startRouter(inOrder([origin], perAddress(3)))
    const gone = await Promise.all([1, 2, 3].map(() => connectRaw(router.url)))
    for (const client of gone) client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n')
    await until(() => origin.requests.length === 3)
    expect(await burst(router, 1, { headers: [] })).toEqual([429])
    for (const client of gone) client.reset()
    // None of them was answered.
    const later = Promise.all([1, 2, 3].map(() => waitForRoom(router)))
    await until(() => origin.requests.length === 6)
    held.open()
    await later
  })
})

/** Asks until there is room, and for the answer then. */
async function waitForRoom(router: Router): Promise<void> {
  await until(async () => (await burst(router, 1, { headers: [] }))[0] === 200)
}
