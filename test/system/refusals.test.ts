import { expect, test } from 'vitest'
import { header } from '../support/client.ts'
import { problemOf } from '../support/problem.ts'
import { putConfig, startBareRouter, startRouter } from '../support/router.ts'
import { shareRouters } from '../support/file-router.ts'
import { inOrder, stageOrigin } from '../support/stage.ts'

const stage = shareRouters()

test('a host that no route takes is refused with a 404', async () => {
  const { router } = await stage((origin) => inOrder([origin], { match: { hosts: ['shop.test'] } }))
  const got = await router.send('http://other.test/')
  expect(got.status).toBe(404)
  expect(problemOf(got)).toMatchObject({ reason: 'no-route' })
})

test('a refusal carries the request id of the client, or one of its own', async () => {
  const { router } = await stage((origin) => inOrder([origin], { match: { hosts: ['shop.test'] } }))
  const named = await router.send('http://other.test/', { headers: [['X-Request-ID', 'my-id']] })
  expect(problemOf(named).instance).toBe('my-id')
  const other = await router.send('http://other.test/')
  expect(problemOf(other).instance).toMatch(/^[0-9a-f-]{36}$/)
})

test('a refused HEAD has the head of a refusal and no body', async () => {
  const { router } = await stage((origin) => inOrder([origin], { match: { hosts: ['shop.test'] } }))
  const got = await router.send('http://other.test/', { method: 'HEAD' })
  expect([got.status, header(got, 'content-type'), got.body.length]).toEqual([
    404,
    'application/problem+json',
    0,
  ])
})

test('a router without a configuration says so, is alive and not ready', async () => {
  const router = await startBareRouter()
  const got = await router.send('http://shop.test/')
  expect([got.status, header(got, 'retry-after')]).toEqual([503, '1'])
  expect(problemOf(got)).toMatchObject({ reason: 'no-snapshot' })
  expect((await router.send('/_portolan/health/live')).status).toBe(200)
  expect((await router.send('/_portolan/health/ready')).status).toBe(503)
})

test('a request that came through this router before is refused with a 508', async () => {
  const origin = await stageOrigin('origin')
  const router = await startRouter(inOrder([origin]))
  for (const via of ['1.1 portolan', '1.0 fred, 1.1 portolan', '1.1 portolan (x), 2 other']) {
    const got = await router.send('http://shop.test/', { headers: [['Via', via]] })
    expect(got.status).toBe(508)
    expect(problemOf(got)).toMatchObject({ reason: 'loop' })
  }
  const near = await router.send('http://shop.test/', { headers: [['Via', '1.1 portolan-2']] })
  expect([near.status, origin.requests.length]).toEqual([200, 1])
})

test('a router that is its own origin ends the loop at its first turn', async () => {
  const router = await startBareRouter()
  await putConfig(router, inOrder([{ id: 'itself', url: router.url }], { match: { path: '/*' } }))
  const got = await router.send('http://shop.test/')
  expect(got.status).toBe(508)
  expect(problemOf(got)).toMatchObject({ reason: 'loop' })
})

test('a POST whose only attempt fails is told which origin and how often, not where it is', async () => {
  const origin = await stageOrigin('eu-1')
  const router = await startRouter(inOrder([origin]))
  await origin.kill()
  const got = await router.send('http://shop.test/', { method: 'POST', body: 'x' })
  expect(got.status).toBe(502)
  const { detail } = problemOf(got)
  expect(detail).toMatch(/1 attempt/)
  expect(got.text).not.toContain(String(origin.port))
})

test('fixed answers and redirects need no origin', async () => {
  const router = await startRouter({
    routes: {
      robots: {
        match: { path: '/robots.txt' },
        respond: { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Disallow: /' },
      },
      old: {
        match: { path: '/old/*' },
        redirect: { status: 308, scheme: 'https', host: 'www.example.com' },
      },
    },
  })
  const robots = await router.send('http://shop.test/robots.txt')
  expect([robots.status, header(robots, 'content-type'), robots.text]).toEqual([
    200,
    'text/plain',
    'Disallow: /',
  ])
  const old = await router.send('http://shop.test/old/a?b=c')
  expect([old.status, header(old, 'location')]).toEqual([308, 'https://www.example.com/old/a?b=c'])
})
