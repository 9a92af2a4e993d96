import { describe, expect, it } from 'vitest'
import { tellAsKeyed, tellPlaceAndDevice, withoutUntold } from '../../../src/cache/policy/told.ts'
import { arrivedOf, keyingOf } from './asked.ts'

const override = { mode: 'override', ttl: { default: '1m' } } as const
const url = 'https://a.test/'

/** What an origin is told of these headers. */
function toldOf(cache: object, headers: Record<string, string>, country?: string) {
  const told = new Headers(headers)
  const arrived = arrivedOf(url, { headers, ...(country !== undefined && { country }) })
  tellAsKeyed(told, keyingOf(cache), arrived)
  return Object.fromEntries(told)
}

const MISLEADING = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-uri',
  'x-forwarded-path',
  'x-middleware-subrequest',
  'x-invoke-status',
  'x-react-router-spa-mode',
  'x-amz-server-side-encryption',
  'content-type',
  'x_http_method_override',
  'x_http-method_override',
]

describe('the origin of a route with a cache', () => {
  it.each(MISLEADING)('is not told %s, which changes answers and is in no key', (name) => {
    expect(toldOf({}, { [name]: 'evil', 'x-kept': 'yes' })).toEqual({ 'x-kept': 'yes' })
  })

  it('is told one of these where it is in the key', () => {
    const cache = { key: { headers: ['x-http-method-override'] } }
    const headers = { 'x-http-method-override': 'GET' }
    expect(toldOf(cache, headers)).toEqual(headers)
  })

  it('is asked for the whole, whatever the client has of it', () => {
    const headers = {
      range: 'bytes=0-1',
      'if-range': '"a"',
      'if-none-match': '"a"',
      'if-match': '*',
    }
    const dates = { 'if-modified-since': 'x', 'if-unmodified-since': 'x' }
    expect(toldOf({}, { ...headers, ...dates })).toEqual({})
  })

  it('is told of a keyed header what the router says, where the client may say nothing', () => {
    const told = new Headers({ 'x-forwarded-host': 'a.test' })
    const keying = keyingOf({ key: { headers: ['x-forwarded-host', 'x-original-url'] } })
    const headers = { 'x-forwarded-host': 'evil.test', 'x-original-url': '/admin' }
    tellAsKeyed(told, keying, arrivedOf(url, { headers }))
    expect(Object.fromEntries(told)).toEqual({ 'x-forwarded-host': 'a.test' })
  })

  it('is told country and device by the router alone, and the place of no client otherwise', () => {
    const said = {
      'portolan-device': 'evil',
      'portolan-country': 'evil',
      'cf-ipcountry': 'DE',
      'cf-ipcity': 'Berlin',
    }
    expect(toldOf({}, said)).toEqual({})
    expect(toldOf({ key: { country: true, device: true } }, said, 'DE')).toEqual({
      'cf-ipcountry': 'DE',
      'portolan-country': 'DE',
      'portolan-device': 'desktop',
    })
  })

  it('is told all cookies under "standard", where its answer says for whom it is', () => {
    expect(toldOf({}, { cookie: 'a=1; b=2' })).toEqual({ cookie: 'a=1; b=2' })
  })

  it('is told only keyed cookies under "override"', () => {
    expect(toldOf(override, { cookie: 'a=1; b=2; a=3' })).toEqual({})
    const cache = { ...override, key: { cookies: ['a'] } }
    expect(toldOf(cache, { cookie: 'a=1; b=2; a=3' })).toEqual({ cookie: 'a=1; a=3' })
  })

  it('is told under "override" what browsers send of themselves, and no header that it may know somebody by', () => {
    const ordinary = {
      accept: '*/*',
      'accept-language': 'de',
      'user-agent': 'x',
      'sec-ch-ua': 'x',
      origin: 'x',
    }
    const ours = { via: '1.1 portolan', 'x-forwarded-host': 'a.test', 'x-request-id': 'x' }
    const personal = { 'x-api-key': 'x', 'x-auth-token': 'x', 'x-user': 'x', authorization: 'x' }
    expect(toldOf(override, { ...ordinary, ...ours, ...personal })).toEqual({
      ...ordinary,
      ...ours,
    })
  })
})

describe('an answer varies', () => {
  const names = ['accept-encoding', 'accept-language', 'cookie', 'x-user']

  it('under "standard" by what it says', () => {
    expect(withoutUntold(names, keyingOf())).toEqual(names)
    const { headers: _, ...key } = keyingOf().key
    expect(
      withoutUntold(names, { mode: 'standard', key: { ...key, headers: ['x-user'] } }),
    ).toEqual(['accept-encoding', 'accept-language', 'cookie'])
  })

  it('under "override" by what its origin was told, and not by cookies that it never saw', () => {
    expect(withoutUntold(names, keyingOf(override))).toEqual(['accept-encoding', 'accept-language'])
  })
})

describe('a request that goes past the cache', () => {
  it('is told country and device as well, and nothing is taken from it', () => {
    const headers = {
      range: 'bytes=0-1',
      cookie: 'a=1',
      'x-http-method-override': 'PUT',
      'portolan-country': 'x',
    }
    const told = new Headers(headers)
    const arrived = arrivedOf(url, { headers: { 'user-agent': 'iPad' } })
    tellPlaceAndDevice(told, keyingOf({ key: { device: true } }), arrived)
    const { 'portolan-country': _, ...kept } = headers
    expect(Object.fromEntries(told)).toEqual({ ...kept, 'portolan-device': 'tablet' })
  })
})
