import { describe, expect, it } from 'vitest'
import { nominatesFields } from '../../../src/cache/policy/bypass.ts'
import { arrivedOf, askedOf, keyingOf } from './asked.ts'

const at = 'https://a.test'

function whyOf(cache: object, url: string, headers: Readonly<Record<string, string>> = {}) {
  const asked = askedOf(keyingOf(cache), url, { headers })
  return asked.type === 'bypass' ? asked.why : undefined
}

describe('past the cache goes', () => {
  it.each([
    ['a GET with a body', { 'content-length': '3' }, 'body'],
    ['a GET with a body of unknown length', { 'transfer-encoding': 'chunked' }, 'body'],
    ['a GET that says it has none', { 'content-length': '0' }, undefined],
    ['a handshake', { upgrade: 'websocket' }, 'upgrade'],
  ] as const)('%s', (_, headers, why) => {
    expect(whyOf({}, `${at}/`, headers)).toBe(why)
  })

  it('a request with a credential, where the route says what is stored', () => {
    const headers = { authorization: 'Basic eA==' }
    expect(whyOf({ mode: 'override', ttl: { default: '1m' } }, `${at}/`, headers)).toBe(
      'authorization',
    )
    expect(whyOf({}, `${at}/`, headers)).toBeUndefined()
  })

  it('what the route names by header, cookie and parameter', () => {
    const bypass = { headers: ['x-preview'], cookies: ['wp_*', 'sid'], query: ['preview', 'x_*'] }
    expect(whyOf({ bypass }, `${at}/`, { 'x-preview': '' })).toBe('header')
    expect(whyOf({ bypass }, `${at}/`, { cookie: 'a=1; wp_user=2' })).toBe('cookie')
    expect(whyOf({ bypass }, `${at}/`, { cookie: 'a=1, sid' })).toBe('cookie')
    expect(whyOf({ bypass }, `${at}/`, { cookie: 'a=sid; asid=1' })).toBeUndefined()
    expect(whyOf({ bypass }, `${at}/?a=preview`)).toBeUndefined()
    for (const query of ['preview', 'a&preview=1', 'a=1;preview=1', '%70review=1', 'x_1=2']) {
      expect(whyOf({ bypass }, `${at}/?${query}`)).toBe('query')
    }
  })

  it('what the route names by path, in any reading that an origin may have of it', () => {
    const bypass = { paths: ['/account/*', '/cart'] }
    const written = ['/account', '/account/x.css', '//account/x', '/%61ccount/x', '/ACCOUNT/X']
    const opened = ['/account%2fx.css', '/account\\x', '/account;x.css', '/cart;jsessionid=1.css']
    const cut = ['/account%00.css', '/account%0a.css', '/account%3fx.css', '/account%23x.css']
    for (const path of [...written, ...opened, ...cut]) {
      expect([path, whyOf({ bypass }, at + path)]).toEqual([path, 'path'])
    }
    for (const path of ['/', '/accounts', '/x/account', '/cart/1', '/static/account.css']) {
      expect([path, whyOf({ bypass }, at + path)]).toEqual([path, undefined])
    }
  })
})

describe('a request that takes fields off itself on its way', () => {
  it.each([
    [undefined, false],
    ['keep-alive', false],
    ['Keep-Alive, Upgrade', false],
    ['close,TE', false],
    ['', false],
    ['accept-language', true],
    ['close, x-tenant', true],
    ['x-keep-alive', true],
  ])('is known by its Connection: %s', (connection, expected) => {
    const headers = connection === undefined ? {} : { connection }
    expect(nominatesFields(arrivedOf(`${at}/`, { headers }))).toBe(expected)
  })
})
