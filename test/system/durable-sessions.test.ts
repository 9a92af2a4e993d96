import { createHmac, timingSafeEqual } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { Received } from '../support/client.ts'
import type { Origin } from '../support/origin.ts'
import { identify } from '../support/reply.ts'
import { observe, type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const SECRET = 'between the router and its origins'

type Affinity = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['affinity']>

/** Whoever is not remembered goes anywhere. */
function configOf(origins: readonly Origin[], affinity: Affinity): AuthoredConfig {
  const members = Object.fromEntries(origins.map(({ id, url }) => [id, { url }]))
  const pools = {
    all: { origins: members, balance: { algorithm: 'random' as const } },
  }
  return { pools, routes: { all: { steer: { policy: 'failover', pools: ['all'] }, affinity } } }
}

async function stage(): Promise<Origin[]> {
  return Promise.all(['one', 'two', 'three'].map((id) => stageOrigin(id, identify)))
}

interface Asked {
  readonly user: string
  readonly isolate?: 'first' | 'second'
}

/** A request of a user, to one of the two isolates. */
async function ask(router: Router, { user, isolate = 'first' }: Asked): Promise<Received> {
  return router.send('http://shop.test/', {
    headers: [
      ['Host', 'shop.test'],
      ['x-user', user],
      ['rig-isolate', isolate],
    ],
  })
}

const originOf = ({ text }: Received): string => (JSON.parse(text) as { origin: string }).origin

const byUser: Affinity = { type: 'header', names: [{ header: 'x-user' }], store: 'durable' }

test('two isolates never split a session, and ask for it once each', async () => {
  const router = await startRouter(configOf(await stage(), byUser), { worker: 'observed' })
  const users = Array.from({ length: 60 }, (_, at) => `user-${at}`)
  const rounds = await Promise.all(
    users.map(async (user) => {
      const first = await Promise.all([
        ask(router, { user }),
        ask(router, { user, isolate: 'second' }),
        ask(router, { user }),
      ])
      const later = await Promise.all([
        ask(router, { user }),
        ask(router, { user, isolate: 'second' }),
      ])
      return new Set([...first, ...later].map(originOf)).size
    }),
  )
  expect(new Set(rounds)).toEqual(new Set([1]))
  const before = (await observe(router)).sessionCalls['open'] ?? 0
  for (const user of users) await ask(router, { user })
  expect((await observe(router)).sessionCalls['open']).toBe(before)
})

test('new clients take turns as all others do', async () => {
  const config = configOf(await stage(), byUser)
  Object.assign(config.pools?.['all'] ?? {}, { balance: { algorithm: 'round-robin' } })
  const router = await startRouter(config, { worker: 'observed' })
  const counts: Record<string, number> = {}
  for (let at = 0; at < 30; at += 1) {
    const origin = originOf(await ask(router, { user: `user-${at}` }))
    counts[origin] = (counts[origin] ?? 0) + 1
  }
  expect(counts).toEqual({ one: 10, two: 10, three: 10 })
})

test('a client moves once when its origin is lost, and both isolates know where', async () => {
  const origins = await stage()
  const router = await startRouter(configOf(origins, byUser), { worker: 'observed' })
  const home = originOf(await ask(router, { user: 'anna' }))
  await origins.find(({ id }) => id === home)?.kill()
  const away = originOf(await ask(router, { user: 'anna' }))
  expect(away).not.toBe(home)
  await until(async () => (await router.status()).isolate.sessions.batches > 0)
  await origins.find(({ id }) => id === home)?.revive()
  // The other isolate has never heard of it, and finds it where it is now.
  expect(originOf(await ask(router, { user: 'anna', isolate: 'second' }))).toBe(away)
  expect(originOf(await ask(router, { user: 'anna' }))).toBe(away)
})

test('without the session objects clients stay where they were, and new ones are served at once', async () => {
  const config = { ...configOf(await stage(), byUser), settings: { sessions: { shards: 1 } } }
  const router = await startRouter(config, { worker: 'observed' })
  const home = originOf(await ask(router, { user: 'anna' }))
  await observe(router, { sessions: 'stalled' })
  expect(originOf(await ask(router, { user: 'anna' }))).toBe(home)
  const beganMs = Date.now()
  const other = originOf(await ask(router, { user: 'ben' }))
  const tookMs: number[] = []
  for (let at = 0; at < 10; at += 1) {
    expect(originOf(await ask(router, { user: 'ben' }))).toBe(other)
    const sentMs = Date.now()
    expect((await ask(router, { user: `new-${at}` })).status).toBe(200)
    tookMs.push(Date.now() - sentMs)
  }
  // One call is waited for, half a second, and no other for the next five seconds.
  const { unreachable } = (await router.status()).isolate.sessions
  expect(unreachable).toBeGreaterThan(0)
  expect(unreachable).toBeLessThanOrEqual(1 + Math.floor((Date.now() - beganMs) / 5000))
  expect(Math.min(...tookMs)).toBeLessThan(500)
  await observe(router, { sessions: 'up' })
  // As soon as they are back they hear of it: the other isolate finds the client where it was served.
  await until(async () => {
    return (await router.admin('GET', '/_portolan/v1/sessions/ben?route=all')).status === 200
  })
  expect(originOf(await ask(router, { user: 'ben', isolate: 'second' }))).toBe(other)
})

/** What an origin does that is told data: as docs/affinity.md has it. */
function verify(header: string | undefined): string | undefined {
  const [version, data = '', seconds = '', tag = ''] = (header ?? '').split('.')
  const expected = createHmac('sha256', SECRET).update(`${version}.${data}.${seconds}`).digest()
  const given = Buffer.from(tag, 'hex')
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected)
  const isFresh = Math.abs(Date.now() / 1000 - Number(seconds)) < 300
  return isOurs && isFresh ? Buffer.from(data, 'base64url').toString() : undefined
}

test('an origin keeps data with a session, and any other is handed it, signed', async () => {
  const origins = await stage()
  const affinity: Affinity = { ...byUser, data: { secret: 'SESSION_SECRET' } }
  const router = await startRouter(configOf(origins, affinity), {
    worker: 'observed',
    secrets: { SESSION_SECRET: SECRET },
  })
  for (const origin of origins) {
    origin.answer(({ response }) => {
      const data = Buffer.from(`cart of ${origin.id}`).toString('base64url')
      response.writeHead(200, { 'portolan-session-data': data })
      response.end(JSON.stringify({ origin: origin.id }))
    })
  }
  const first = await ask(router, { user: 'anna' })
  const home = originOf(first)
  expect(first.headers.map(([name]) => name.toLowerCase())).not.toContain('portolan-session-data')
  await until(async () => (await router.status()).isolate.sessions.batches > 0)
  for (const origin of origins) origin.answer(identify)
  await origins.find(({ id }) => id === home)?.kill()
  const told = JSON.parse((await ask(router, { user: 'anna', isolate: 'second' })).text) as {
    origin: string
    headers: [string, string][]
  }
  expect(told.origin).not.toBe(home)
  const header = told.headers.find(([name]) => name === 'portolan-session-data')?.[1]
  expect(verify(header)).toBe(`cart of ${home}`)
  const forged = await router.send('http://shop.test/', {
    headers: [
      ['Host', 'shop.test'],
      ['portolan-session-data', 'v1.Zm9yZ2Vk.1.00'],
    ],
  })
  expect(forged.text).not.toContain('Zm9yZ2Vk')
})
