import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { header, headerValues } from '../support/client.ts'
import { reply } from '../support/reply.ts'
import { shareRouters } from '../support/file-router.ts'
import { perHost, type RouteParts } from '../support/stage.ts'

/** The ways an answer can go, each by a host of its own: as it comes, rebuilt, or watched. */
const ways: Readonly<Record<string, RouteParts>> = {
  'untouched.test': {},
  'exposed.test': { expose: true },
  'changed.test': { responseHeaders: { set: { 'x-set': '1' } } },
  'idle.test': { timeouts: { idle: '5s' } },
  'idle-exposed.test': { timeouts: { idle: '5s' }, expose: true },
  'total.test': { timeouts: { total: '5s' } },
}

const adding = { responseHeaders: { add: { 'set-cookie': 'b=2' } } }

const share = shareRouters()
const stage = () => share((one) => perHost([one], { ...ways, 'adding.test': adding }))

/** An origin behind every way. */
async function stageWays() {
  const { origin, router } = await stage()
  return { origin, router, urls: Object.keys(ways).map((host) => `http://${host}/`) }
}

const text = 'the same words again and again '.repeat(200)
const encoded = {
  gzip: gzipSync(text),
  br: brotliCompressSync(text),
  // Nothing that the runtime could decode.
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]),
} as const

test('an encoded body passes byte for byte, whatever the client accepts', async () => {
  const { origin, router, urls } = await stageWays()
  for (const [coding, body] of Object.entries(encoded)) {
    const headers = [
      ['Content-Encoding', coding],
      ['ETag', '"abc"'],
    ] as const
    origin.answer(reply({ body, headers }))
    const passed = { body, coding, length: String(body.length), etag: '"abc"', complete: true }
    for (const url of urls) {
      for (const accept of [coding, 'identity', undefined]) {
        const sent = accept === undefined ? [] : [['Accept-Encoding', accept] as const]
        const got = await router.send(url, { headers: sent })
        expect({
          url,
          body: got.body,
          coding: header(got, 'content-encoding'),
          length: header(got, 'content-length'),
          etag: header(got, 'etag'),
          complete: got.complete,
        }).toEqual({ url, ...passed })
      }
    }
  }
})

test('an encoded body in chunks passes byte for byte', async () => {
  const { origin, router, urls } = await stageWays()
  origin.answer(({ response }) => {
    response.writeHead(200, ['Content-Encoding', 'gzip'])
    response.write(encoded.gzip.subarray(0, 20))
    response.end(encoded.gzip.subarray(20))
  })
  for (const url of urls) {
    const got = await router.send(url)
    const passed = got.body.equals(encoded.gzip)
    expect([url, passed, header(got, 'content-encoding')]).toEqual([url, true, 'gzip'])
  }
})

test('the client’s Accept-Encoding reaches the origin as it is', async () => {
  const { origin, router } = await stage()
  await router.send('http://untouched.test/', {
    headers: [['Accept-Encoding', 'zstd;q=1, gzip;q=0']],
  })
  await router.send('http://untouched.test/')
  const seen = origin.requests.map((request) => header(request, 'accept-encoding'))
  expect(seen).toEqual(['zstd;q=1, gzip;q=0', undefined])
})

test('an encoded request body passes byte for byte, streamed or kept for a retry', async () => {
  const { origin, router } = await stage()
  for (const method of ['POST', 'PUT']) {
    await router.send('http://untouched.test/', {
      method,
      body: encoded.gzip,
      headers: [['Content-Encoding', 'gzip']],
    })
    const request = origin.requests.at(-1)
    expect(request?.bodyBytes).toBe(encoded.gzip.length)
    expect(request && header(request, 'content-encoding')).toBe('gzip')
    expect(request && header(request, 'content-length')).toBe(String(encoded.gzip.length))
  }
})

test('every Set-Cookie is kept, in order and apart', async () => {
  const cookies = [
    'a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
    'b=2; HttpOnly',
    'a=3; Path=/x',
  ]
  const headers = cookies.map((cookie) => ['Set-Cookie', cookie] as const)
  const { origin, router, urls } = await stageWays()
  origin.answer(reply({ headers, body: 'ok' }))
  for (const url of urls) {
    const got = await router.send(url)
    expect([url, ...headerValues(got, 'set-cookie')]).toEqual([url, ...cookies])
  }
})

test('a route can add a cookie and leaves those of the origin alone', async () => {
  const { origin, router } = await stage()
  origin.answer(reply({ headers: [['Set-Cookie', 'a=1']] }))
  const got = await router.send('http://adding.test/')
  expect(headerValues(got, 'set-cookie')).toEqual(['a=1', 'b=2'])
})

test('a range of a body passes with its 206', async () => {
  const headers = [['Content-Range', 'bytes 0-4/100'] as const]
  const { origin, router } = await stage()
  origin.answer(reply({ status: 206, headers, body: 'hello' }))
  const got = await router.send('http://exposed.test/', { headers: [['Range', 'bytes=0-4']] })
  expect([got.status, got.text, header(got, 'content-range')]).toEqual([
    206,
    'hello',
    'bytes 0-4/100',
  ])
  expect(header(origin.requests[0] ?? got, 'range')).toBe('bytes=0-4')
})
