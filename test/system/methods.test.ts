import { expect, test } from 'vitest'
import { header, headerValues } from '../support/client.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { inTurn, reply } from '../support/reply.ts'
import { shareRouters } from '../support/file-router.ts'
import { perHost } from '../support/stage.ts'

const shared = shareRouters()

/** Three hosts with a route each. */
const stage = () =>
  shared((one) =>
    perHost([one], { 'shop.test': {}, 'plain.test': {}, 'exposed.test': { expose: true } }),
  )

test('HEAD keeps the length that a GET would have, without a body', async () => {
  const { origin, router } = await stage()
  origin.answer(reply({ headers: [['Content-Length', '1234']] }))
  for (const host of ['plain.test', 'exposed.test']) {
    const got = await router.send(`http://${host}/`, { method: 'HEAD' })
    expect([got.status, header(got, 'content-length'), got.body.length]).toEqual([200, '1234', 0])
    expect(origin.requests.at(-1)).toMatchObject({ method: 'HEAD' })
  }
})

test('OPTIONS goes to the origin; about the server as a whole the router answers itself', async () => {
  const allow = [['Allow', 'GET, POST']] as const
  const { origin, router } = await stage()
  origin.answer(reply({ status: 204, headers: allow }))
  const got = await router.send('http://shop.test/a', { method: 'OPTIONS' })
  expect([got.status, header(got, 'allow')]).toEqual([204, 'GET, POST'])
  const whole = await router.send('http://shop.test/', { method: 'OPTIONS', target: '*' })
  expect([whole.status, header(whole, 'allow')]).toEqual([204, undefined])
  expect(origin.requests.map(({ target }) => target)).toEqual(['/a'])
})

test('other methods pass, with their bodies', async () => {
  const { router } = await stage()
  for (const method of ['PUT', 'PATCH', 'DELETE', 'PURGE', 'PROPFIND', 'REPORT']) {
    const got = await router.send('http://shop.test/', { method, body: 'a body' })
    expect(JSON.parse(got.text)).toMatchObject({ method, bodyBytes: 6 })
  }
})

test('a method that the runtime does not know ends there with a 501', async () => {
  const { origin, router } = await stage()
  expect((await router.send('http://shop.test/', { method: 'LINK' })).status).toBe(501)
  expect(origin.requests).toEqual([])
})

test('a client that expects 100 gets it, and its body goes to the origin', async () => {
  const { origin, router } = await stage()
  const client = await connectRaw(router.url)
  client.write(
    'POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n',
  )
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  client.write('abc')
  await client.until(/HTTP\/1\.1 200 OK/)
  client.reset()
  expect(origin.requests[0]).toMatchObject({ method: 'POST', bodyText: 'abc' })
})

test('a GET with a body is answered and no origin is blamed for it', async () => {
  const { router } = await stage()
  for (let count = 0; count < 6; count += 1) {
    const got = await router.send('http://shop.test/', { body: 'abc' })
    expect(got.status).toBe(200)
  }
  expect(await router.status()).toMatchObject({
    isolate: { mistakes: 0 },
    origins: [{ origin: 'origin', failures: 0, ejections: 0 }],
  })
})

test('a redirect is passed on, never followed', async () => {
  const elsewhere = 'http://other.test/elsewhere'
  const { origin, router } = await stage()
  for (const status of [301, 302, 303, 307, 308]) {
    origin.answer(reply({ status, headers: [['Location', elsewhere]], body: 'moved' }))
    const got = await router.send('http://shop.test/', { method: 'POST', body: 'abc' })
    expect([got.status, header(got, 'location'), got.text]).toEqual([status, elsewhere, 'moved'])
  }
  expect(origin.requests).toHaveLength(5)
})

test('a conditional request and its 304 pass', async () => {
  const tag = [['ETag', '"1"']] as const
  const { origin, router } = await stage()
  origin.answer(reply({ status: 304, headers: tag }))
  const got = await router.send('http://exposed.test/', { headers: [['If-None-Match', '"1"']] })
  expect([got.status, header(got, 'etag'), got.body.length]).toEqual([304, '"1"', 0])
  const [seen] = origin.requests
  expect(seen && header(seen, 'if-none-match')).toBe('"1"')
})

test('nothing is answered from a cache in between', async () => {
  const cacheable = [['Cache-Control', 'public, max-age=600']] as const
  const { origin, router } = await stage()
  origin.answer(
    inTurn(reply({ body: '1', headers: cacheable }), reply({ body: '2', headers: cacheable })),
  )
  const first = await router.send('http://shop.test/')
  const second = await router.send('http://shop.test/')
  expect([first.text, second.text]).toEqual(['1', '2'])
  const asked = origin.requests.flatMap((request) => headerValues(request, 'cache-control'))
  expect(asked).toEqual([])
})

test('a chunked upload with trailers reaches the origin without them', async () => {
  const { origin, router } = await stage()
  const text = await exchangeRaw(
    router.url,
    'POST / HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n' +
      'Connection: close\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n',
  )
  expect(text).toMatch(/^HTTP\/1\.1 200 OK/)
  const [seen] = origin.requests
  expect(seen).toMatchObject({ bodyText: 'abc' })
  expect(seen && [header(seen, 'trailer'), header(seen, 'x-sum')]).toEqual([undefined, undefined])
})

test('the target of a request reaches the origin as the client wrote it', async () => {
  const { origin, router } = await stage()
  const targets = ['/a%2Fb;p=1/%C3%A9', '//double//slash', '/?', '/q?a=%zz&b=+&a=2', '/%00']
  for (const target of targets) await router.send('http://shop.test/', { target })
  expect(origin.requests.map(({ target }) => target)).toEqual(targets)
})
