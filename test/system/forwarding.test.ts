import { expect, test } from 'vitest'
import { type HeaderLines, header, headerValues } from '../support/client.ts'
import { fromEdge } from '../support/router.ts'
import { shareRouters } from '../support/file-router.ts'
import { inOrder } from '../support/stage.ts'
import type { Origin, OriginRequest } from '../support/origin.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'

const everything: NonNullable<AuthoredConfig['settings']> = {
  forwarding: ['x-forwarded', 'x-real-ip', 'forwarded', 'traceparent'],
}

const stage = shareRouters()

/** What an origin sees of a request that a client sent with these headers. */
async function seenBy(
  headers: HeaderLines,
  settings: NonNullable<AuthoredConfig['settings']> = {},
): Promise<OriginRequest> {
  const { origin, router } = await stage((one) => ({ ...inOrder([one]), settings }))
  await router.send('http://shop.test:8080/path', { headers })
  const [request] = origin.requests
  if (!request) throw new Error('nothing reached the origin')
  return request
}

test('an origin is told who the client is and what it asked for', async () => {
  const seen = await seenBy(fromEdge('203.0.113.7'), everything)
  expect({
    for: headerValues(seen, 'x-forwarded-for'),
    host: headerValues(seen, 'x-forwarded-host'),
    proto: headerValues(seen, 'x-forwarded-proto'),
    real: headerValues(seen, 'x-real-ip'),
    forwarded: headerValues(seen, 'forwarded'),
    via: headerValues(seen, 'via'),
  }).toEqual({
    for: ['203.0.113.7'],
    host: ['shop.test:8080'],
    proto: ['http'],
    real: ['203.0.113.7'],
    forwarded: ['for=203.0.113.7;host="shop.test:8080";proto=http'],
    via: ['1.1 portolan'],
  })
})

test('an IPv6 client stands in brackets and quotes in Forwarded, and bare elsewhere', async () => {
  const seen = await seenBy(fromEdge('2001:db8::7'), everything)
  expect(header(seen, 'forwarded')).toMatch(/^for="\[2001:db8::7\]";/)
  expect(header(seen, 'x-forwarded-for')).toBe('2001:db8::7')
})

test('nothing that a client claims of itself reaches an origin', async () => {
  const claims = [
    ['X-Forwarded-For', '10.0.0.1'],
    ['x-forwarded-for', '10.0.0.2'],
    ['X-Forwarded-Host', 'evil.test'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Server', 'evil'],
    ['X-Forwarded-Prefix', '/evil'],
    ['X-Real-IP', '10.0.0.1'],
    ['Forwarded', 'for=10.0.0.1;host=evil.test'],
  ] as const
  const seen = await seenBy([...fromEdge('203.0.113.7'), ...claims])
  const names = new Set(claims.map(([name]) => name.toLowerCase()))
  const kept = seen.headers.filter(([name]) => names.has(name.toLowerCase()))
  expect(Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), value]))).toEqual({
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-host': 'shop.test:8080',
    'x-forwarded-proto': 'http',
    'x-real-ip': '203.0.113.7',
  })
  expect(kept).toHaveLength(4)
})

test('a configuration that says nothing of the client lets no claim through either', async () => {
  const seen = await seenBy(
    [...fromEdge('203.0.113.7'), ['X-Forwarded-For', '10.0.0.1'], ['Forwarded', 'for=10.0.0.1']],
    { forwarding: [] },
  )
  const told = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'traceparent']
  expect(told.filter((name) => headerValues(seen, name).length > 0)).toEqual([])
})

test('what concerns the client’s connection stays there', async () => {
  const seen = await seenBy([
    ['Connection', 'keep-alive, X-Private'],
    ['X-Private', 'secret'],
    ['Keep-Alive', 'timeout=5'],
    ['TE', 'trailers'],
    ['Proxy-Authorization', 'Basic c2VjcmV0'],
    ['Proxy-Connection', 'keep-alive'],
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA'],
    ['X-Public', 'kept'],
  ])
  const gone = ['x-private', 'keep-alive', 'te', 'proxy-authorization', 'proxy-connection']
  expect(gone.filter((name) => headerValues(seen, name).length > 0)).toEqual([])
  expect([header(seen, 'upgrade'), header(seen, 'x-public')]).toEqual([undefined, 'kept'])
})

test('a client cannot have the length or the host of its message taken away', async () => {
  const { origin, router } = await stage((one) => ({ ...inOrder([one]), settings: {} }))
  await router.send('http://shop.test/', {
    method: 'POST',
    body: 'abc',
    headers: [
      ['Connection', 'content-length, host, content-type'],
      ['Content-Type', 'text/x'],
    ],
  })
  const [seen] = origin.requests
  expect(seen).toMatchObject({ bodyText: 'abc' })
  expect(seen && header(seen, 'content-type')).toBe('text/x')
})

test('a client cannot have what the router says of it taken away', async () => {
  const seen = await seenBy([
    ...fromEdge('203.0.113.7'),
    ['Connection', 'x-forwarded-for, x-real-ip, via, x-request-id'],
  ])
  expect(header(seen, 'x-forwarded-for')).toBe('203.0.113.7')
  expect(header(seen, 'x-real-ip')).toBe('203.0.113.7')
  expect(header(seen, 'via')).toBe('1.1 portolan')
  expect(header(seen, 'x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test('every hop before this one stays in Via', async () => {
  const seen = await seenBy([['Via', '1.0 fred, 1.1 p.example.net']])
  expect(headerValues(seen, 'via').join(', ')).toBe('1.0 fred, 1.1 p.example.net, 1.1 portolan')
})

test('a sane request id is kept, any other replaced', async () => {
  expect(header(await seenBy([['X-Request-ID', 'order-17_b.2']]), 'x-request-id')).toBe(
    'order-17_b.2',
  )
  for (const id of ['a b', 'x'.repeat(129), '"><script>']) {
    const seen = await seenBy([['X-Request-ID', id]])
    expect(headerValues(seen, 'x-request-id')).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)])
  }
})

test('a trace goes on through the router; what is none is replaced by one, or removed', async () => {
  const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const traced: HeaderLines = [
    ['Traceparent', given],
    ['Tracestate', 'vendor=1'],
  ]
  const followed = await seenBy(traced, everything)
  expect([header(followed, 'traceparent'), header(followed, 'tracestate')]).toEqual([
    given,
    'vendor=1',
  ])
  const broken: HeaderLines = [
    ['Traceparent', '00-xyz-01'],
    ['Tracestate', 'vendor=1'],
  ]
  const begun = await seenBy(broken, everything)
  expect(header(begun, 'traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(header(begun, 'tracestate')).toBeUndefined()
  const left = await seenBy(broken)
  expect([header(left, 'traceparent'), header(left, 'tracestate')]).toEqual([undefined, undefined])
})

/** An origin with headers of its own, behind routes that are told apart by their hosts. */
function byRoute({ url }: Pick<Origin, 'url'>): AuthoredConfig {
  const steer = { policy: 'failover' as const, pools: ['eu'] }
  const headers = { 'x-key': 'k', 'x-region': 'eu' }
  return {
    pools: { eu: { origins: { 'eu-1': { url, headers } } } },
    routes: {
      plain: { match: { hosts: ['plain.test'] }, steer },
      open: { match: { hosts: ['open.test'] }, expose: true, steer },
      changed: {
        match: { hosts: ['changed.test'] },
        requestHeaders: { remove: ['x-a'], set: { 'x-b': '2' }, add: { 'x-c': '3' } },
        responseHeaders: { remove: ['x-origin'], set: { server: 'ours' } },
        steer,
      },
      rewritten: {
        match: { hosts: ['rewritten.test'], path: '/shop/*' },
        rewrite: { path: { replacePrefix: '/v2' }, host: 'inner.example.com' },
        steer,
      },
    },
  }
}

test('an origin sees its own Host, and headers of its own', async () => {
  const { origin, router } = await stage(byRoute)
  await router.send('http://plain.test/', { headers: [['X-Key', 'forged']] })
  const [seen] = origin.requests
  expect(seen && [headerValues(seen, 'host'), headerValues(seen, 'x-key')]).toEqual([
    [`127.0.0.1:${origin.port}`],
    ['k'],
  ])
})

test('a route changes the headers of requests and of answers', async () => {
  const { origin, router } = await stage(byRoute)
  const got = await router.send('http://changed.test/', {
    headers: [
      ['X-A', '1'],
      ['X-B', '1'],
      ['X-C', '1'],
    ],
  })
  const [seen] = origin.requests
  const sent = ['x-a', 'x-b', 'x-c'].map((name) => seen && headerValues(seen, name).join(', '))
  expect(sent).toEqual(['', '2', '1, 3'])
  expect([header(got, 'x-origin'), header(got, 'server')]).toEqual([undefined, 'ours'])
})

test('a route rewrites the path and the host that the origin is told', async () => {
  const { origin, router } = await stage(byRoute)
  await router.send('http://rewritten.test/shop/cart/7?x=%2F&y=a+b')
  const [seen] = origin.requests
  expect(seen?.target).toBe('/v2/cart/7?x=%2F&y=a+b')
  expect(seen && header(seen, 'x-forwarded-host')).toBe('inner.example.com')
})

test('answers say which origin gave them only where the configuration asks', async () => {
  const { router } = await stage(byRoute)
  const quiet = await router.send('http://plain.test/')
  expect([header(quiet, 'portolan-origin'), header(quiet, 'server-timing')]).toEqual([
    undefined,
    undefined,
  ])
  const told = await router.send('http://open.test/', { headers: [['X-Request-ID', 'abc']] })
  expect([header(told, 'portolan-origin'), header(told, 'x-request-id')]).toEqual(['eu-1', 'abc'])
  expect(header(told, 'server-timing')).toMatch(/^origin;dur=\d+;desc="eu-1", attempts;desc="1"$/)
})
