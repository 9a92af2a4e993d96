import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, burst } from '../support/burst.ts'
import { header } from '../support/client.ts'
import { http, type Lane, shareLanes, type Start } from '../support/lane.ts'
import type { Origin } from '../support/origin.ts'
import { acceptSockets } from '../support/origin-socket.ts'
import { problemOf } from '../support/problem.ts'
import { connectRaw } from '../support/raw-client.ts'
import { eventSource, gate, identify, inTurn } from '../support/reply.ts'
import { until } from '../support/until.ts'

function perAddress(most: number) {
  return { concurrency: { perAddress: most } }
}

const shareLane = shareLanes()

describe('who has too many requests under way', () => {
  const held = gate(identify)
  const laneOfTwo = shareLane({ origin: http(held.reply) }, perAddress(2))
  test('is refused until one of them is over, and others are served', async () => {
    const { origin, router, host } = laneOfTwo()
    const { limits } = (await router.status()).isolate
    const waiting = [burst(router, 1, { host }), burst(router, 1, { host })]
    await until(() => origin.requests.length === 2)
    const got = await ask(router, host, '203.0.113.1')
    expect([got.status, header(got, 'retry-after')]).toEqual([429, '1'])
    expect(problemOf(got)).toMatchObject({
      reason: 'too-many-at-once',
      detail: 'More than 2 requests of this address at the same time.',
    })
    const other = ask(router, host, '203.0.113.2')
    await until(() => origin.requests.length === 3)
    held.open()
    expect([(await Promise.all(waiting)).flat(), (await other).status]).toEqual([[200, 200], 200])
    expect(await burst(router, 3, { host })).toEqual([200, 200, 200])
    const tooManyAtOnce = limits.tooManyAtOnce + 1
    expect((await router.status()).isolate).toMatchObject({ limits: { tooManyAtOnce } })
  })

  const events = eventSource()
  const laneOfBodies = shareLane(
    { origin: http(inTurn(events.reply, identify, events.reply, identify)) },
    { concurrency: { perRoute: 1 } },
  )
  test('counts a body until its end, whoever ends it', async () => {
    const { router, host, url } = laneOfBodies()
    const first = await router.open(url)
    first.body.resume()
    expect(await burst(router, 1, { host })).toEqual([429])
    events.end()
    await until(async () => (await burst(router, 1, { host }))[0] === 200)
    const second = await router.open(url)
    second.abandon()
    await until(async () => {
      // That nobody reads any more shows when there is something to be read.
      events.send('is anyone there')
      return (await burst(router, 1, { host }))[0] === 200
    })
  })

  const laneOfSockets = shareLane({ origin: http() }, perAddress(1))
  test('counts a WebSocket until it is closed', async () => {
    const { origin, router, host } = laneOfSockets()
    origin.upgrade(acceptSockets())
    const socket = new WebSocket(`${router.url.replace('http', 'ws')}/`, { headers: { host } })
    onTestFinished(() => socket.terminate())
    await once(socket, 'open')
    expect(await burst(router, 1, { headers: [], host })).toEqual([429])
    socket.close()
    await waitForRoom(laneOfSockets())
  })

  const heldLong = gate(identify)
  const laneOfThree = shareLane({ origin: http(heldLong.reply) }, perAddress(3))
  test('counts nobody who went away before the answer', async () => {
    const { origin, router, host } = laneOfThree()
    const gone = await Promise.all([1, 2, 3].map(() => connectRaw(router.url)))
    for (const client of gone) client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await until(() => origin.requests.length === 3)
    expect(await burst(router, 1, { headers: [], host })).toEqual([429])
    for (const client of gone) client.reset()
    // None of them was answered.
    const later = Promise.all([1, 2, 3].map(() => waitForRoom(laneOfThree())))
    await until(() => origin.requests.length === 6)
    heldLong.open()
    await later
  })
})

/** Asks until there is room, and for the answer then. */
async function waitForRoom({
  router,
  host,
}: Lane<Readonly<Record<'origin', Start<Origin>>>>): Promise<void> {
  await until(async () => (await burst(router, 1, { headers: [], host }))[0] === 200)
}
