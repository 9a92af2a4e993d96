import { expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { SessionReport } from '../../src/schema/session.ts'
import type { Origin } from '../support/origin.ts'
import { identify } from '../support/reply.ts'
import { observe, type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** A browser with one cookie, in front of two isolates. */
interface Browser {
  cookie: string | undefined
  /** Goes to an isolate: the origin that answered, and whether it was told a cookie. */
  go(isolate?: 'first' | 'second'): Promise<{ readonly origin: string; readonly isTold: boolean }>
}

function openBrowser(router: Router): Browser {
  const browser: Browser = {
    cookie: undefined,
    async go(isolate = 'first') {
      const { headers, text } = await router.send('http://shop.test/', {
        headers: [
          ['Host', 'shop.test'],
          ['rig-isolate', isolate],
          ...(browser.cookie === undefined ? [] : [['Cookie', browser.cookie] as const]),
        ],
      })
      const told = headers.find(([name]) => name.toLowerCase() === 'set-cookie')?.[1]
      browser.cookie = told?.split(';')[0] ?? browser.cookie
      return { origin: (JSON.parse(text) as { origin: string }).origin, isTold: told !== undefined }
    },
  }
  return browser
}

/** The id of the session, as the cookie carries it. */
function idIn({ cookie = '' }: Browser): string {
  return cookie.split('~').at(-2) ?? ''
}

/** So short an idle time that what is used is told of after two seconds, and no cookie is renewed before four. */
function configOf(origins: readonly Origin[]): AuthoredConfig {
  const members = Object.fromEntries(origins.map(({ id, url }) => [id, { url }]))
  return {
    pools: { all: { origins: members, balance: { algorithm: 'round-robin' } } },
    routes: {
      all: {
        steer: { policy: 'failover', pools: ['all'] },
        affinity: { type: 'cookie', store: 'durable', idle: '16s', ttl: '1h' },
      },
    },
  }
}

async function stage(): Promise<Origin[]> {
  return Promise.all(['one', 'two', 'three'].map((id) => stageOrigin(id, identify)))
}

interface Asked {
  readonly browser: Browser
  readonly method?: string
  readonly body?: unknown
}

async function session(router: Router, { browser, method = 'GET', body }: Asked) {
  const path = `/_portolan/v1/sessions/${idIn(browser)}?route=all`
  const { status, text } = await router.admin(method, path, body)
  return { status, report: text === '' ? undefined : (JSON.parse(text) as SessionReport) }
}

test('a cookie names its session: no request waits for an object, and the objects hear of it', async () => {
  const router = await startRouter(configOf(await stage()), { worker: 'observed' })
  const browsers = Array.from({ length: 30 }, () => openBrowser(router))
  const homes = await Promise.all(browsers.map(async (browser) => (await browser.go()).origin))
  expect(new Set(homes)).toEqual(new Set(['one', 'two', 'three']))
  for (const isolate of ['first', 'second'] as const) {
    const visits = await Promise.all(browsers.map((browser) => browser.go(isolate)))
    expect(visits).toEqual(homes.map((origin) => ({ origin, isTold: false })))
  }
  await until(async () => {
    const { text } = await router.admin('GET', '/_portolan/v1/sessions')
    return (JSON.parse(text) as { sessions: number }).sessions === 30
  })
  const { sessionCalls } = await observe(router)
  expect(sessionCalls['open']).toBeUndefined()
  // Each shard hears of all that is new at once.
  expect(sessionCalls['touch']).toBeLessThanOrEqual(2 * 8)
})

test('an operator moves a client and ends its session, and its cookie follows', async () => {
  const router = await startRouter(configOf(await stage()), { worker: 'observed' })
  const browser = openBrowser(router)
  const { origin: home } = await browser.go()
  await until(async () => (await session(router, { browser })).status === 200)
  const away = home === 'one' ? 'two' : 'one'
  await session(router, { browser, method: 'PUT', body: { origin: away } })
  await until(async () => (await browser.go()).origin === away)
  // The other isolate has heard nothing from the objects: the cookie tells it.
  expect(await browser.go('second')).toEqual({ origin: away, isTold: false })
  const ended = idIn(browser)
  expect((await session(router, { browser, method: 'DELETE' })).status).toBe(204)
  await until(async () => (await browser.go(), idIn(browser) !== ended))
  await until(async () => (await session(router, { browser })).status === 200)
  const { origin } = await browser.go()
  expect((await session(router, { browser })).report?.origin).toBe(origin)
})
