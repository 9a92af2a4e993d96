import { describe, expect, it } from 'vitest'
import { isLoop, toForwarded } from '../../src/proxy/forwarding.ts'
import { type Difference, outgoingOf, REQUEST_ID, requestOf } from './builders.ts'

/** The headers that reach an origin, as an object. */
function sent(headers: Readonly<Record<string, string>>, difference: Difference = {}) {
  return Object.fromEntries(outgoingOf(requestOf('/', headers), difference).headers)
}

const ALL: Difference = {
  settings: { forwarding: ['x-forwarded', 'x-real-ip', 'forwarded'] },
}

const NONE: Difference = { settings: { forwarding: [] } }

describe('what an origin is told of the client', () => {
  it('is X-Forwarded-* and X-Real-IP unless the configuration says otherwise', () => {
    expect(sent({})).toEqual({
      via: '1.1 portolan',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'www.example.com',
      'x-forwarded-proto': 'https',
      'x-real-ip': '203.0.113.7',
      'x-request-id': REQUEST_ID,
    })
  })

  it('is no more than Via and the request id where the configuration wants nothing', () => {
    expect(Object.keys(sent({}, NONE))).toEqual(['via', 'x-request-id'])
  })

  it('has the host of a rewrite', () => {
    const told = sent({}, { ...ALL, route: { rewrite: { host: 'inner.example.com' } } })
    expect(told['x-forwarded-host']).toBe('inner.example.com')
    expect(told['forwarded']).toBe('for=203.0.113.7;host=inner.example.com;proto=https')
  })

  it.each([
    'client-ip',
    'proxy',
    'forwarded',
    'true-client-ip',
    'x-client-ip',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-prefix',
    'x-forwarded-proto',
    'x-forwarded-ssl',
    'x-original-url',
    'x-real-ip',
    'x-rewrite-url',
    'x_forwarded_for',
    'x-forwarded_proto',
    'x_real_ip',
  ])('holds nothing that the client says of itself in %s', (name) => {
    for (const difference of [{}, NONE, ALL]) {
      expect(JSON.stringify(sent({ [name]: '6.6.6.6' }, difference))).not.toContain('6.6.6')
    }
  })

  it.each([
    ['www.example.com', '192.0.2.1', 'for=192.0.2.1;host=www.example.com;proto=https'],
    ['a.example:8080', '192.0.2.1', 'for=192.0.2.1;host="a.example:8080";proto=https'],
    ['[::1]:80', '2001:db8::1', 'for="[2001:db8::1]";host="[::1]:80";proto=https'],
    ['a.example', undefined, 'for=unknown;host=a.example;proto=https'],
  ])('stands in Forwarded as RFC 7239 wants it: %s, %s', (host, ip, forwarded) => {
    expect(toForwarded(host, 'https', ip)).toBe(forwarded)
  })
})

describe('Via', () => {
  it('grows by this hop', () => {
    expect(sent({ via: '1.0 fred, 1.1 edge (x)' })['via']).toBe(
      '1.0 fred, 1.1 edge (x), 1.1 portolan',
    )
  })

  it.each([
    [null, false],
    ['1.1 other', false],
    ['1.1 portolan', true],
    ['1.0 a, HTTP/1.1 portolan (comment), 1.1 b', true],
    ['1.1 portolan-two', false],
    ['1.1 other (portolan)', false],
  ])('%s is a loop: %s', (via, expected) => {
    expect(isLoop(via, 'portolan')).toBe(expected)
  })
})
