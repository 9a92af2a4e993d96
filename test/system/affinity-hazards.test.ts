import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createBrowser } from '../support/browser.ts'
import type { OriginRequest } from '../support/origin.ts'
import { acceptSockets } from '../support/origin-socket.ts'
import { reply } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { startThree } from '../support/three-origins.ts'
import { until } from '../support/until.ts'

test('nothing that a client makes up is an error, or counts', async () => {
  const { router, origins, counts } = await startThree({
    one: { affinity: { type: 'cookie', name: 'lb' } },
    two: { affinity: { type: 'cookie', name: 'lc' } },
  })
  const browser = createBrowser(router)
  await browser.visit('http://one.test/')
  const good = (await browser.cookies('http://one.test/'))['lb'] ?? ''
  const tokens = [
    '',
    '=',
    'a',
    '~~~~~~~',
    `${good}x`,
    good.slice(1),
    good.toUpperCase(),
    `"${good}"`,
    encodeURIComponent(good).replaceAll('~', '%7E'),
    good.replace('a1~', 'a2~'),
    'x'.repeat(8192),
    `${good}${'~'.repeat(8000)}`,
    '%00%ff',
    '\u00e4\u00f6',
    'a1~constructor~__proto__~0~0~0~0',
  ]
  const ask = async (host: string, cookie: string) => {
    const { status, headers } = await router.send('/', {
      headers: [
        ['Host', host],
        ['Cookie', cookie],
      ],
    })
    const isBound = headers.some(([name]) => name.toLowerCase() === 'set-cookie')
    return [status, isBound]
  }
  const before = await counts()
  for (const token of tokens) expect(await ask('one.test', `lb=${token}`)).toEqual([200, true])
  // Of the wrong route, and by the wrong name.
  expect(await ask('two.test', `lc=${good}`)).toEqual([200, true])
  expect(await ask('one.test', `xlb=${good}; lb2=${good}; x="lb=${good}"`)).toEqual([200, true])
  const after = await counts()
  expect((after['tampered'] ?? 0) - (before['tampered'] ?? 0)).toBe(tokens.length + 1)
  expect(after['kept']).toBe(before['kept'])
  // Beside 200 others, after two that are none, and in kilobytes of spaces it is found all the same.
  const crowd = Array.from({ length: 200 }, (_, at) => `c${at}=${'v'.repeat(30)}`).join('; ')
  expect(await ask('one.test', `${crowd}; lb=${good}`)).toEqual([200, false])
  // Which is nobody's business behind the router.
  const [last] = origins.flatMap(({ requests }) => requests.filter(hasCrowd))
  expect(last?.headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1]).toBe(crowd)
  expect(await ask('one.test', `lb=old; lb=older; lb=${good}`)).toEqual([200, false])
  expect(await ask('one.test', `a=b;${' '.repeat(4000)}lb=${good}`)).toEqual([200, false])
})

/** A route of a host of its own that reads from replicas. */
function writing(id: string, keep: '1s' | '1h') {
  return {
    match: { hosts: [`${id}.test`] },
    steer: { policy: 'failover' as const, pools: ['replicas'] },
    writes: { pool: 'primary', keep },
  }
}

test('a client reads where it wrote, for as long as the route says', async () => {
  const [primary, replica] = [await stageOrigin('primary'), await stageOrigin('replica')]
  const router = await startRouter({
    pools: {
      primary: { origins: { primary: { url: primary.url } } },
      replicas: { origins: { replica: { url: replica.url } } },
    },
    routes: { app: writing('app', '1h'), brief: writing('brief', '1s') },
  })
  const [writer, reader] = [createBrowser(router), createBrowser(router)]
  const [url, brief] = ['http://app.test/cart', 'http://brief.test/cart']
  expect((await writer.visit(url)).origin).toBe('replica')
  const wrote = await writer.visit(url, { method: 'POST', body: 'one more' })
  expect(wrote).toMatchObject({
    origin: 'primary',
    set: [
      expect.stringMatching(
        /^portolan-app-wrote=w1~\S+; Path=\/; Max-Age=3600; SameSite=Lax; HttpOnly$/,
      ),
    ],
  })
  expect(await writer.visit(url)).toMatchObject({ origin: 'primary', set: [] })
  expect((await reader.visit(url)).origin).toBe('replica')
  expect((await writer.visit(brief, { method: 'POST' })).set).toEqual([
    expect.stringContaining('; Max-Age=1;'),
  ])
  await until(async () => (await writer.visit(brief)).origin === 'replica')
  expect((await writer.visit(url)).origin).toBe('primary')
  // A write that failed has written nothing.
  primary.answer(reply({ status: 500 }))
  expect((await writer.visit(url, { method: 'POST' })).set).toEqual([])
})

test('a WebSocket is bound by its handshake, and passes as it is', async () => {
  const { router, origins } = await startThree({ chat: { affinity: { type: 'cookie' } } })
  for (const origin of origins) origin.upgrade(acceptSockets())
  const open = async (cookie?: string) => {
    const headers = { host: 'chat.test', ...(cookie !== undefined && { cookie }) }
    const socket = new WebSocket(`${router.url.replace('http', 'ws')}/ws`, ['chat.v2'], { headers })
    onTestFinished(() => socket.terminate())
    const [[response]] = await Promise.all([
      once(socket, 'upgrade') as Promise<[{ headers: Record<string, string[]> }]>,
      once(socket, 'open'),
    ])
    socket.send('hello')
    const [echo] = (await once(socket, 'message')) as [Buffer]
    return { set: response.headers['set-cookie'] ?? [], echo: echo.toString(), socket }
  }
  const first = await open()
  expect([first.echo, first.set, first.socket.protocol]).toEqual([
    'hello',
    [expect.stringMatching(/^portolan-chat=a1~/)],
    'chat.v2',
  ])
  const cookie = first.set[0]?.split(';')[0] ?? ''
  const next = await Promise.all([open(cookie), open(cookie), open(cookie)])
  expect(next.map(({ set }) => set)).toEqual([[], [], []])
  expect(
    origins.map(({ requests }) => requests.length).toSorted((left, right) => left - right),
  ).toEqual([0, 0, 4])
})

test('keys are rotated without anybody noticing, and revoked for all', async () => {
  const { router, counts } = await startThree({ sticky: { affinity: { type: 'cookie' } } })
  const browser = createBrowser(router)
  const url = 'http://sticky.test/'
  const { origin } = await browser.visit(url)
  const before = await browser.cookies(url)
  const rotated = await router.admin('POST', '/_portolan/v1/affinity/rotate')
  expect(JSON.parse(rotated.text)).toMatchObject({
    outcome: 'rotated',
    items: [{ state: 'signing' }, { state: 'waiting' }],
  })
  await untilGeneration(router, 2)
  expect(await browser.visit(url)).toMatchObject({ origin, set: [] })
  const body = { revoke: true, reason: 'a snapshot has leaked' }
  expect((await router.admin('POST', '/_portolan/v1/affinity/rotate', body)).status).toBe(200)
  await untilGeneration(router, 3)
  expect((await browser.visit(url)).set).toHaveLength(1)
  expect(await browser.cookies(url)).not.toEqual(before)
  expect(await counts()).toMatchObject({ kept: 1, bound: 2, foreign: 1 })
})

function hasCrowd({ headers }: OriginRequest): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'cookie' && value.includes('c199='))
}

async function untilGeneration(router: Router, generation: number): Promise<void> {
  await until(async () => (await router.status()).generation >= generation)
}
