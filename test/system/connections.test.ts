import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header } from '../support/client.ts'
import { shareRouters } from '../support/file-router.ts'
import { acceptSockets } from '../support/origin-socket.ts'
import { eventSource, identify, reply } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { inOnePool, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const counted = { balance: { algorithm: 'least-connections' } } as const

function connect(router: Router): WebSocket {
  const socket = new WebSocket(`${router.url.replace('http', 'ws')}/ws`)
  onTestFinished(() => socket.terminate())
  return socket
}

async function connected(router: Router): Promise<WebSocket> {
  const socket = connect(router)
  await once(socket, 'open')
  return socket
}

const inFlight = async (router: Router) => (await router.status()).origins[0]?.inFlight

const take = shareRouters()

/** The origin of a pool that counts, and its router, which most of the tests share: nothing is in flight between them. */
const takeCounted = () => take((origin) => inOnePool([origin], counted))

async function untilInFlight(router: Router, wanted: number): Promise<void> {
  await until(async () => (await inFlight(router)) === wanted)
}

test('a request counts until its answer has ended, however that ends', async () => {
  const events = eventSource()
  const { origin, router } = await takeCounted()
  origin.answer(events.reply)
  const whole = await router.open('http://shop.test/')
  events.send('one')
  expect(await inFlight(router)).toBe(1)
  events.end()
  whole.body.resume()
  await untilInFlight(router, 0)
  // Something of the second request goes on when its client leaves: it tells what was seen.
  const left = await router.open('http://shop.test/')
  await untilInFlight(router, 1)
  left.abandon()
  // That it has closed in good order shows when something is sent to it.
  await until(async () => {
    events.send('is anyone there')
    return origin.requests[1]?.aborted === true && (await inFlight(router)) === 0
  })
})

test('answers that end by themselves leave nothing behind, one after the other', async () => {
  const chunked = reply({ body: 'x'.repeat(2000), trailers: {} })
  const { origin, router } = await takeCounted()
  origin.answer(chunked)
  for (let made = 0; made < 50; made += 1) await router.send('http://shop.test/')
  // Until the runtime has told of the last one.
  await untilInFlight(router, 0)
  expect(origin.requests).toHaveLength(50)
})

test('a WebSocket is closed for the client too where the origin closes it with what no one may say', async () => {
  const codes = [1004, 1015, 999, 5000]
  const { origin, router } = await takeCounted()
  origin.upgrade(({ headers }, socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accepted = createHash('sha1').update(key).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write([...head, `Sec-WebSocket-Accept: ${accepted}`, '', ''].join('\r\n'))
    const code = codes[origin.requests.length - 1] ?? 0
    socket.write(Buffer.from([0x88, 2, code >> 8, code & 0xff]))
  })
  for (const _ of codes) {
    const [code] = (await once(connect(router), 'close')) as [number]
    expect(code).toBe(1002)
  }
  await untilInFlight(router, 0)
})

test('a WebSocket counts until it has closed, and says what its ends say', async () => {
  const closed: unknown[] = []
  const { origin, router } = await takeCounted()
  const listen = acceptSockets((socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('close', (code, reason) => closed.push([code, reason.toString()]))
  })
  origin.upgrade(listen)
  const leaving = await connected(router)
  const got: unknown[] = []
  leaving.on('message', (data: Buffer, isBinary) => got.push([data.toString('latin1'), isBinary]))
  leaving.send('text')
  leaving.send(Buffer.from([0, 255, 128]))
  leaving.send('')
  await until(() => got.length === 3)
  expect(got).toEqual([
    ['text', false],
    ['\u0000\u00ff\u0080', true],
    ['', false],
  ])
  expect(await inFlight(router)).toBe(1)
  leaving.close(4001, 'bye')
  await untilInFlight(router, 0)
  const silent = await connected(router)
  silent.close()
  await untilInFlight(router, 0)
  const vanishing = await connected(router)
  vanishing.terminate()
  await until(() => closed.length === 3)
  await untilInFlight(router, 0)
  expect(closed).toEqual([
    [4001, 'bye'],
    [1005, ''],
    [1001, ''],
  ])
})

test('a WebSocket that its origin leaves is over, and the client is told', async () => {
  const { origin, router } = await takeCounted()
  origin.upgrade(acceptSockets((socket) => socket.close(1012, 'restart')))
  const [code, reason] = (await once(connect(router), 'close')) as [number, Buffer]
  expect([code, reason.toString()]).toEqual([1012, 'restart'])
  origin.upgrade(acceptSockets((socket) => socket.terminate()))
  const [gone] = (await once(connect(router), 'close')) as [number]
  expect(gone).toBe(1014)
  await untilInFlight(router, 0)
})

test('WebSockets fill an origin, and the next one is refused', async () => {
  const origin = await stageOrigin('origin', identify)
  origin.upgrade(acceptSockets())
  const config: AuthoredConfig = {
    pools: { all: { origins: { origin: { url: origin.url, maxConnections: 2 } } } },
    routes: { main: { steer: { policy: 'failover', pools: ['all'] } } },
  }
  const router = await startRouter(config)
  const sockets = [await connected(router), await connected(router)]
  const refused = await router.send('http://shop.test/')
  expect([refused.status, header(refused, 'retry-after')]).toEqual([503, '10'])
  sockets[0]?.close()
  await untilInFlight(router, 1)
  expect((await router.send('http://shop.test/')).status).toBe(200)
})

test('an origin that other isolates have filled is passed over, until it has room again', async () => {
  const origin = await stageOrigin('origin', identify)
  origin.upgrade(acceptSockets())
  const config: AuthoredConfig = {
    pools: { all: { origins: { origin: { url: origin.url, maxConnections: 2 } } } },
    routes: { main: { steer: { policy: 'failover', pools: ['all'] } } },
  }
  const router = await startRouter(config, { worker: 'observed' })
  const sendToOther = async () =>
    (await router.send('http://shop.test/', { headers: [['rig-isolate', 'second']] })).status
  expect(await sendToOther()).toBe(200)
  const sockets = [await connected(router), await connected(router)]
  await until(async () => (await sendToOther()) === 503)
  // Nobody asks the origin of this isolate any more, and yet it hears of the room.
  for (const socket of sockets) socket.close()
  await until(async () => (await sendToOther()) === 200)
})

test('a body whose end is waited for comes as the origin sent it', async () => {
  const text = randomBytes(100_000).toString('hex')
  const { origin, router } = await takeCounted()
  origin.answer(reply({ body: text, gzip: true }))
  const headers = [['Accept-Encoding', 'gzip']] as const
  const got = await router.send('http://shop.test/', { headers })
  const sent = gzipSync(text)
  expect(header(got, 'content-length')).toBe(String(sent.length))
  expect(got.body.equals(sent)).toBe(true)
  expect(gunzipSync(got.body).toString()).toBe(text)
  await untilInFlight(router, 0)
})

test('where a pool counts until the head, nothing that follows counts', async () => {
  const events = eventSource()
  const origin = await stageOrigin('origin', events.reply)
  origin.upgrade(acceptSockets())
  const router = await startRouter(inOnePool([origin], { ...counted, countUntil: 'head' }))
  const answer = await router.open('http://shop.test/')
  const socket = await connected(router)
  expect(await inFlight(router)).toBe(0)
  socket.close()
  answer.abandon()
})
