import { describe, expect, test } from 'vitest'
import {
  detailOf,
  EVIL,
  freshUrl,
  isHit,
  stageAttacks,
  withHeaders,
} from '../support/cache-attack.ts'
import { header } from '../support/client.ts'
import { exchangeRaw } from '../support/raw-client.ts'

const { stage, after } = stageAttacks()

describe('what is in no key poisons nothing: the origin is not told', () => {
  test.each([
    ['X-Forwarded-Host', EVIL],
    ['X-Forwarded-Scheme', EVIL],
    ['X-Forwarded-Proto', EVIL],
    ['X-Forwarded-Port', EVIL],
    ['X-Forwarded-Prefix', EVIL],
    ['X-Forwarded-Server', EVIL],
    ['Forwarded', `host=${EVIL}`],
    ['X-Host', EVIL],
    ['X-Original-URL', EVIL],
    ['X-Rewrite-URL', EVIL],
    ['X-HTTP-Method-Override', EVIL],
    ['X-HTTP-Method', EVIL],
    ['X-Method-Override', EVIL],
    ['X_HTTP_Method_Override', EVIL],
    ['X-Forwarded-Path', EVIL],
    ['X-Middleware-Subrequest', EVIL],
    ['Content-Type', EVIL],
    ['Portolan-Device', EVIL],
    ['CF-IPCountry', EVIL],
  ])('%s', async (name, value) => {
    const url = freshUrl('standard')
    const { attacked, got } = await after([url, withHeaders([name, value])], [url])
    expect([attacked.status, isHit(got)]).toEqual([200, true])
    expect(got.text).not.toContain(EVIL)
  })

  test.each(['X-Api-Key', 'X-User', 'X-Anything', 'Cookie'])(
    '%s, under "override"',
    async (name) => {
      const url = freshUrl('override')
      const { got } = await after([url, withHeaders([name, EVIL])], [url])
      expect(isHit(got)).toBe(true)
      expect(got.text).not.toContain(EVIL)
    },
  )

  test.each([
    ['keyed', '?utm_content=evil.example'],
    ['keyed', '?utm_content=1;callback=evil.example'],
    ['keyed', '?%75tm_content=evil.example'],
    ['paged', '?callback=evil.example'],
    ['paged', '?PAGE=evil.example&%70ag=evil.example'],
  ])('parameters of %s: %s', async (host, query) => {
    const url = freshUrl(host)
    const { got } = await after([url + query], [url])
    expect(isHit(got)).toBe(true)
    expect(got.text).not.toContain(EVIL)
  })

  test('the port, the case and the last dot of a host, unless they are in the key', async () => {
    const { router } = await stage()
    const path = new URL(freshUrl('standard')).pathname
    const ask = (host: string) =>
      router.send(`http://standard.test${path}`, withHeaders(['Host', host]))
    const other = await ask('standard.test:1337')
    const same = [await ask('STANDARD.test.'), await ask('standard.test:80')]
    const got = await ask('standard.test')
    expect(other.text).toContain('standard.test:1337')
    expect([isHit(same[0] ?? got), isHit(same[1] ?? got), isHit(got)]).toEqual([false, true, true])
    expect(got.text).toContain('"x-forwarded-host":"standard.test"')
  })
})

describe('what is in a key is all that the origin answers by', () => {
  test.each([
    ['a doubled parameter', 'paged', '?page=1&page=evil.example', '?page=1'],
    ['a parameter behind a ";"', 'paged', '?page=1;callback=evil.example', '?page=1'],
    ['an order of one name', 'paged', '?page=evil.example&page=1', '?page=1&page=evil.example'],
  ])('%s', async (...[, host, attack, victim]) => {
    const url = freshUrl(host)
    const { got, again } = await after([url + attack], [url + victim])
    expect([isHit(got), isHit(again)]).toEqual([false, true])
  })

  test('a doubled cookie', async () => {
    const url = freshUrl('keyed')
    const { got } = await after(
      [url, withHeaders(['Cookie', 'theme=a; theme=evil.example'])],
      [url, withHeaders(['Cookie', 'theme=a'])],
    )
    expect(isHit(got)).toBe(false)
    expect(got.text).not.toContain(EVIL)
  })

  test('a keyed header that Connection takes off on the way', async () => {
    const url = freshUrl('keyed')
    const { attacked, got } = await after(
      [url, withHeaders(['Connection', 'x-tenant, close'], ['X-Tenant', 'a'])],
      [url, withHeaders(['X-Tenant', 'a'])],
    )
    expect(attacked.text).not.toContain('"x-tenant"')
    expect([isHit(got), got.text.includes('"x-tenant":"a"')]).toEqual([false, true])
  })

  test('a path in another spelling is another page', async () => {
    const path = new URL(freshUrl('standard')).pathname
    const { router } = await stage()
    for (const odd of [
      path,
      path.toUpperCase(),
      `/${path}`,
      `${path}/`,
      `${path}%00`,
      `${path};a`,
    ]) {
      const got = await router.send('http://standard.test/', { target: odd })
      expect([odd, got.status, isHit(got)]).toEqual([odd, 200, false])
    }
  })
})

describe('an odd request stores nothing for others', () => {
  test('a GET with a body', async () => {
    const url = freshUrl('standard')
    const { attacked, got } = await after([url, { body: EVIL }], [url])
    expect([attacked.text.includes(EVIL), detailOf(attacked)]).toEqual([true, 'body'])
    expect([isHit(got), got.text.includes(EVIL)]).toEqual([false, false])
  })

  test('a handshake', async () => {
    const url = freshUrl('standard')
    const { origin, router } = await stage()
    origin.upgrade(
      (_, socket) =>
        void socket.end(
          'HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 4\r\n\r\nevil',
        ),
    )
    await router.send(
      url,
      withHeaders(
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Version', '13'],
        ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
      ),
    )
    const got = await router.send(url)
    expect([isHit(got), got.text.includes('told')]).toEqual([false, true])
  })

  test('a HEAD: the whole is fetched for it', async () => {
    const url = freshUrl('standard')
    const { attacked, got } = await after([url, { method: 'HEAD' }], [url])
    expect([attacked.body.length, isHit(got), got.text.includes('"GET"')]).toEqual([0, true, true])
  })

  test('a range: the whole is fetched for it', async () => {
    const url = freshUrl('standard', '/part')
    const { attacked, got } = await after([url, withHeaders(['Range', 'bytes=0-0'])], [url])
    expect([attacked.status, attacked.text]).toEqual([206, '{'])
    expect([got.status, isHit(got), got.text.includes('told')]).toEqual([200, true, true])
  })

  test('a condition: the origin is not asked it, and it is answered from the whole', async () => {
    const url = freshUrl('standard', '/asked')
    const { attacked, got } = await after([url, withHeaders(['If-None-Match', '"a"'])], [url])
    expect([attacked.status, attacked.text.includes('if-none-match')]).toEqual([200, false])
    expect([isHit(got), got.text.includes('told')]).toEqual([true, true])
  })

  test.each(['standard', 'override'])('a refusal of its headers, on %s.test', async (host) => {
    for (const [name, value] of [
      ['Accept', 'x'.repeat(8100)],
      ['Accept-Language', `x${'y'.repeat(8100)}`],
    ] as const) {
      const url = freshUrl(host)
      const { attacked, got } = await after([url, withHeaders([name, value])], [url])
      expect([attacked.status, got.status]).toEqual([400, 200])
    }
  })

  test('one that an origin fails at', async () => {
    const url = freshUrl('standard', '/broken')
    const { attacked, got } = await after([url, withHeaders(['Accept-Language', 'x'])], [url])
    expect([attacked.status, got.status]).toEqual([500, 200])
  })

  test.each([
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 5\r\n'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['an odd coding', 'Transfer-Encoding: xchunked\r\n'],
    ['a coding behind a tab', 'Transfer-Encoding:\tchunked\r\n'],
    ['a space before a colon', 'Content-Length : 5\r\n'],
    ['a folded line', 'X-A: b\r\n Content-Length: 5\r\n'],
    ['two hosts', `Host: ${EVIL}\r\n`],
  ])('one that is framed oddly: %s', async (_, lines) => {
    // What follows is at best a request of its own, of which the origin is told no header that is in no key.
    const url = freshUrl('override')
    const { host, pathname } = new URL(url)
    const { origin, router } = await stage()
    const begin = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n`
    const smuggled = `0\r\n\r\n${begin}X-Smuggled: ${EVIL}\r\nConnection: close\r\n\r\n`
    await exchangeRaw(router.url, `${begin}${lines}\r\n${smuggled}`)
    expect((await router.send(url)).text).not.toContain(EVIL)
    expect(origin.requests.filter((told) => header(told, 'x-smuggled') !== undefined)).toEqual([])
  })
})
