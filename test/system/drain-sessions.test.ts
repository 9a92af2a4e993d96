import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { type Browser, createBrowser } from '../support/browser.ts'
import { move, originOf, poolOf, untilHeard } from '../support/operator.ts'
import type { Origin } from '../support/origin.ts'
import { acceptSockets } from '../support/origin-socket.ts'
import { type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const URL_OF_SHOP = 'http://shop.test/'

interface Client {
  readonly browser: Browser
  home: string
}

function configOf(origins: readonly Origin[], drainTimeout: string): AuthoredConfig {
  const members = origins.map(({ id, url }) => [id, { url, maxConnections: 1000 }] as const)
  return {
    pools: {
      all: {
        drainTimeout,
        drainRemoved: true,
        balance: { algorithm: 'random' },
        origins: Object.fromEntries(members),
      },
    },
    routes: {
      shop: {
        expose: true,
        steer: { policy: 'failover', pools: ['all'] },
        affinity: { type: 'cookie' },
      },
    },
  }
}

async function start(drainTimeout: string) {
  const origins = await Promise.all(['a', 'b', 'c'].map((id) => stageOrigin(id)))
  for (const origin of origins) origin.upgrade(acceptSockets())
  const router = await startRouter(configOf(origins, drainTimeout))
  return { router, origins, clients: await arrive(router, 30) }
}

/** So many new clients, each at the origin that it got. */
async function arrive(router: Router, count: number): Promise<Client[]> {
  const clients: Client[] = []
  for (let at = 0; at < count; at += 1) {
    const client: Client = { browser: createBrowser(router), home: '' }
    expect(await visit(client)).toEqual({ status: 200, isMoved: true })
    clients.push(client)
  }
  return clients
}

/** A visit, and whether it led elsewhere than the one before. */
async function visit(client: Client) {
  const { status, origin } = await client.browser.visit(URL_OF_SHOP)
  const isMoved = origin !== client.home
  client.home = origin
  return { status, isMoved }
}

/** Everybody comes once: how many of them were sent elsewhere, and how many got no answer. */
async function visitAll(clients: readonly Client[]) {
  const seen = { moved: 0, failed: 0 }
  for (const client of clients) {
    const { status, isMoved } = await visit(client)
    if (isMoved) seen.moved += 1
    if (status !== 200) seen.failed += 1
  }
  return seen
}

type Drain = Awaited<ReturnType<typeof originOf>>['drain']

/** Everybody comes once, and nobody has to go before the last tenth of the time, in which a slow machine may be. */
async function countEarly(clients: readonly Client[], drain: Drain): Promise<number> {
  const { fromMs = 0, untilMs = 0 } = drain ?? {}
  const { moved, failed } = await visitAll(clients)
  const isLate = Date.now() > untilMs - (untilMs - fromMs) / 10
  expect([failed, moved === 0 || isLate]).toEqual([0, true])
  return moved
}

const areAt = (clients: readonly Client[], id: string) => clients.filter(({ home }) => home === id)

/** A WebSocket of a client, at its origin. */
async function connect(router: Router, { browser }: Client): Promise<WebSocket> {
  const cookie = await browser.jar.getCookieString(URL_OF_SHOP)
  const socket = new WebSocket(`${router.url.replace('http', 'ws')}/ws`, {
    headers: { cookie, host: 'shop.test' },
  })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

async function echo(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

function set(router: Router, state: string) {
  const body = { state, reason: 'a test' }
  return move(router, { method: 'PUT', path: '/v1/origins/a/state?override=true', body })
}

test('a drain keeps who is there, takes nobody new, and moves the rest in the end', async () => {
  const { router, origins, clients } = await start('8s')
  const bound = areAt(clients, 'a')
  const [first] = bound
  if (first === undefined) throw new Error('nobody is at origin a')
  const socket = await connect(router, first)
  await set(router, 'drain')
  await untilHeard(router)
  const { drain } = await originOf(router, 'a')
  expect(drain).toMatchObject({ untilMs: (drain?.fromMs ?? 0) + 8000, drained: false })

  const moves = { moved: await countEarly(clients, drain), failed: 0 }
  expect(areAt(await arrive(router, 20), 'a')).toEqual([])
  expect(await echo(socket, 'still here')).toBe('still here')
  await until(async () => (await originOf(router, 'a')).drain?.connections === 1)
  expect((await originOf(router, 'a')).drain?.left).toMatch(/^1 open connection, \d+ requests in/)

  moves.moved += await countEarly(bound, drain)
  // Everybody goes in the end, once.
  await until(async () => {
    const { moved, failed } = await visitAll(clients)
    moves.moved += moved
    moves.failed += failed
    return areAt(clients, 'a').length === 0
  })
  expect(moves).toEqual({ moved: bound.length, failed: 0 })
  // Whatever is open stays open.
  expect(await echo(socket, 'and still')).toBe('and still')
  expect(origins.map(({ requests }) => requests.some(({ aborted }) => aborted))).toEqual([
    false,
    false,
    false,
  ])
}, 60_000)

test('a removed origin serves its own until its time is over, and maintenance nobody', async () => {
  const { router, origins, clients } = await start('4s')
  const [, ...others] = origins
  const put = await router.admin('PUT', '/_portolan/v1/config', configOf(others, '4s'))
  expect(put.status).toBe(200)
  await untilHeard(router)
  expect(await poolOf(router, 'all')).toMatchObject({ origins: ['b', 'c'], leaving: ['a'] })
  const bound = areAt(clients, 'a')
  const { drain } = await originOf(router, 'a')
  const early = await countEarly(bound.slice(0, 5), drain)
  expect(areAt(await arrive(router, 10), 'a')).toEqual([])
  await until(async () => (await router.admin('GET', '/_portolan/v1/origins/a')).status === 404)
  await untilHeard(router)
  expect(await visitAll(clients)).toEqual({ moved: bound.length - early, failed: 0 })

  const path = '/v1/origins/b/state?override=true'
  const there = areAt(clients, 'b')
  await move(router, { method: 'PUT', path, body: { state: 'maintenance', reason: 'a test' } })
  await untilHeard(router)
  expect(await visitAll(clients)).toEqual({ moved: there.length, failed: 0 })
  expect(areAt(clients, 'c')).toHaveLength(clients.length)
}, 60_000)
