import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { header } from '../support/client.ts'
import { http, raw, shareLanes } from '../support/lane.ts'
import { acceptSockets, refuseSockets, resetSockets } from '../support/origin-socket.ts'
import type { UpgradeReply } from '../support/origin.ts'
import * as scripts from '../support/raw-scripts.ts'
import { type Router, fromEdge } from '../support/router.ts'
import { shareRouters } from '../support/file-router.ts'
import { inOrder } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** A WebSocket through the router; it ends with the test. */
function connect(router: Router, protocols: string[] = [], options: ClientOptions = {}): WebSocket {
  const url = `${router.url.replace('http', 'ws')}/ws?room=1`
  const headers = Object.fromEntries(fromEdge('203.0.113.7'))
  const socket = new WebSocket(url, protocols, { headers, ...options })
  onTestFinished(() => socket.terminate())
  return socket
}

/** The answer to a handshake that was not accepted. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode?: number },
  ]
  return response.statusCode
}

const stage = shareRouters()
const lane = shareLanes()

async function routerBefore(upgrade: UpgradeReply) {
  const { origin, router } = await stage((one) => inOrder([one]))
  origin.upgrade(upgrade)
  return { origin, router }
}

test('messages pass both ways, text as text and bytes as bytes', async () => {
  const { router } = await routerBefore(acceptSockets())
  const socket = connect(router)
  await once(socket, 'open')
  const got: unknown[] = []
  socket.on('message', (data: Buffer, isBinary) => got.push([data.toString('latin1'), isBinary]))
  socket.send('text')
  socket.send(Buffer.from([0, 255, 128]))
  socket.send('')
  await until(() => got.length === 3)
  expect(got).toEqual([
    ['text', false],
    ['\u0000\u00ff\u0080', true],
    ['', false],
  ])
})

test('the origin sees the handshake with its path, its protocols and who the client is', async () => {
  const { origin, router } = await routerBefore(acceptSockets())
  const socket = connect(router, ['chat.v2', 'chat.v1'])
  await once(socket, 'open')
  expect(socket.protocol).toBe('chat.v2')
  const [seen] = origin.requests
  expect(seen?.target).toBe('/ws?room=1')
  expect(seen && header(seen, 'x-forwarded-for')).toBe('203.0.113.7')
  expect(seen && header(seen, 'via')).toBe('1.1 portolan')
})

test('compression is agreed on end to end', async () => {
  const { router } = await routerBefore(acceptSockets(undefined, { perMessageDeflate: true }))
  const socket = connect(router)
  await once(socket, 'open')
  expect(socket.extensions).toMatch(/permessage-deflate/)
  const text = 'the same again '.repeat(1000)
  socket.send(text)
  const [data] = (await once(socket, 'message')) as [Buffer]
  expect(data.toString()).toBe(text)
})

test('each of several pings is answered', async () => {
  const { router } = await routerBefore(acceptSockets())
  const socket = connect(router)
  await once(socket, 'open')
  const pongs: string[] = []
  socket.on('pong', (data: Buffer) => pongs.push(data.toString()))
  for (const name of ['a', 'b', 'c']) socket.ping(name)
  await until(() => pongs.length === 3)
  expect(pongs).toEqual(['a', 'b', 'c'])
})

test('a close passes with its code and reason, from either side', async () => {
  const closed: unknown[] = []
  const { origin, router } = await routerBefore(
    acceptSockets((socket) => {
      socket.on('close', (code, reason) => closed.push([code, reason.toString()]))
    }),
  )
  const leaving = connect(router)
  await once(leaving, 'open')
  leaving.close(4001, 'bye')
  await until(() => closed.length === 1)
  expect(closed).toEqual([[4001, 'bye']])
  origin.upgrade(acceptSockets((socket) => socket.close(1012, 'restart')))
  const [code, reason] = (await once(connect(router), 'close')) as [number, Buffer]
  expect([code, reason.toString()]).toEqual([1012, 'restart'])
})

test('when one side vanishes, the other is told', async () => {
  const closed: number[] = []
  const { origin, router } = await routerBefore(
    acceptSockets((socket) => socket.on('close', (code) => closed.push(code))),
  )
  const vanishing = connect(router)
  await once(vanishing, 'open')
  vanishing.terminate()
  await until(() => closed.length === 1)
  origin.upgrade(acceptSockets((socket) => socket.terminate()))
  const [code] = (await once(connect(router), 'close')) as [number]
  expect([...closed, code]).toEqual([1006, 1006])
})

const pair = () => lane({ first: http(), second: http() })

test.each([
  ['cannot be reached', undefined, pair()],
  ['resets the connection', resetSockets, pair()],
  ['answers 503', refuseSockets(503), pair()],
] as const)('a handshake moves on when the first origin %s', async (_, upgrade, failing) => {
  const { first, second, router, host } = failing()
  if (upgrade) first.upgrade(upgrade)
  else await first.kill()
  second.upgrade(acceptSockets())
  const socket = connect(router, [], { headers: { host } })
  await once(socket, 'open')
  expect(second.requests).toHaveLength(1)
})

const stalling = lane(
  { first: raw(scripts.stall), second: http() },
  // Room for the second origin, also on a machine that stands still for a second.
  { timeouts: { firstByte: '2s' } },
)

test('a handshake moves on when the first origin stalls', async () => {
  const { second, router, host } = stalling()
  second.upgrade(acceptSockets())
  await once(connect(router, [], { headers: { host } }), 'open')
  expect(second.requests).toHaveLength(1)
})

test('a refusal is passed on as it is', async () => {
  const { origin, router } = await routerBefore(refuseSockets(401))
  for (const status of [401, 403, 404, 426]) {
    origin.upgrade(refuseSockets(status))
    expect(await refusal(connect(router))).toBe(status)
  }
  expect(origin.requests).toHaveLength(4)
})

test('a handshake that no origin takes is refused with the last answer', async () => {
  const { router } = await routerBefore(refuseSockets(503))
  expect(await refusal(connect(router))).toBe(503)
})

const outlived = lane(
  { origin: http() },
  { timeouts: { firstByte: '1200ms', idle: '1200ms', total: '1200ms' }, expose: true },
)

test('a socket outlives the timeouts of its route', async () => {
  const { origin, router, host } = outlived()
  origin.upgrade(acceptSockets())
  const socket = connect(router, [], { headers: { host } })
  await once(socket, 'open')
  // Only the passing of time can show that nothing ends it.
  await new Promise((resolve) => setTimeout(resolve, 2500))
  socket.send('still here')
  const [data] = (await once(socket, 'message')) as [Buffer]
  expect(data.toString()).toBe('still here')
})
