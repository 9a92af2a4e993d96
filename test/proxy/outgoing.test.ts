import { describe, expect, it } from 'vitest'
import { createNumbering, toIdentity } from '../../src/proxy/identity.ts'
import { toOriginHeaders } from '../../src/proxy/outgoing.ts'
import { snapshotOf } from '../support/builders.ts'
import { type Difference, outgoingOf, REQUEST_ID, requestOf } from './builders.ts'

function headersOf(headers: Readonly<Record<string, string>>, difference: Difference = {}) {
  return outgoingOf(requestOf('/', headers), difference).headers
}

describe('fields of the connection', () => {
  it.each([
    ['expect', '100-continue'],
    ['portolan-facts', '{}'],
    ['proxy-authorization', 'Basic eDp5'],
    ['proxy-connection', 'keep-alive'],
  ])('%s does not pass', (name, value) => {
    expect(headersOf({ [name]: value }).has(name)).toBe(false)
  })

  it('take along what Connection nominates, in any case and spacing', () => {
    const headers = headersOf({
      connection: 'close,  X-Hop ,x-other',
      'x-hop': '1',
      'x-other': '2',
    })
    expect([headers.has('x-hop'), headers.has('x-other')]).toEqual([false, false])
  })

  it('cannot take away what this router says, or the frame of the message', () => {
    const nominated = 'x-forwarded-for, via, x-request-id, content-type'
    const headers = headersOf({ connection: nominated, 'content-type': 'text/plain' })
    expect(headers.get('x-forwarded-for')).toBe('203.0.113.7')
    expect(headers.get('via')).toBe('1.1 portolan')
    expect(headers.get('x-request-id')).toBe(REQUEST_ID)
    expect(headers.get('content-type')).toBe('text/plain')
  })

  it('leave an Upgrade to the runtime, which knows a WebSocket', () => {
    const upgrade = {
      connection: 'Upgrade, HTTP2-Settings',
      'http2-settings': 'AAM',
      upgrade: 'h2c',
    }
    const headers = headersOf(upgrade)
    expect([headers.get('upgrade'), headers.has('http2-settings')]).toEqual(['h2c', false])
  })
})

describe('end-to-end fields', () => {
  it.each(['accept-encoding', 'authorization', 'cache-control', 'cookie', 'range', 'x-anything'])(
    '%s passes as it is',
    (name) => {
      expect(headersOf({ [name]: 'a, b;q=0.5' }).get(name)).toBe('a, b;q=0.5')
    },
  )

  it('are changed as the route says: removed, set, added, in this order', () => {
    const requestHeaders = { remove: ['x-old'], set: { 'x-new': '1' }, add: { 'x-many': 'b' } }
    const headers = headersOf(
      { 'x-old': '0', 'x-new': '0', 'x-many': 'a' },
      { route: { requestHeaders } },
    )
    expect([headers.get('x-old'), headers.get('x-new'), headers.get('x-many')]).toEqual([
      null,
      '1',
      'a, b',
    ])
  })

  it('are joined by those of the origin, which leave the ones for other origins alone', () => {
    const outgoing = outgoingOf(requestOf('/'))
    const [origin] = snapshotOf({
      pools: { p: { origins: { o: { url: 'https://o.example', headers: { 'x-key': 'o' } } } } },
    }).origins
    if (!origin) throw new Error('no origin')
    expect(toOriginHeaders(outgoing, origin).get('x-key')).toBe('o')
    expect(outgoing.headers.has('x-key')).toBe(false)
  })
})

describe('the target', () => {
  it.each([
    ['/a/b?c=d', undefined, '/a/b?c=d'],
    ['/a/b?c=d', { replaceFull: '/z' }, '/z?c=d'],
    ['/api/v1?x', { replacePrefix: '/' }, '/v1?x'],
    ['/api', { replacePrefix: '/' }, '/'],
    ['/api/', { replacePrefix: '/' }, '/'],
    ['/api/v1', { replacePrefix: '/inner' }, '/inner/v1'],
    ['/api/v1', { replacePrefix: '/inner/' }, '/inner/v1'],
    ['/%61pi//v1', { replacePrefix: '/inner' }, '/inner//v1'],
  ])('of %s rewritten by %j is %s', (target, path, expected) => {
    const route = path === undefined ? {} : { match: { path: '/api/*' }, rewrite: { path } }
    const full = path && 'replaceFull' in path ? { rewrite: { path } } : route
    expect(outgoingOf(requestOf(target), { route: full }).target).toBe(expected)
  })
})

function given(id: string): Headers {
  return new Headers({ 'x-request-id': id })
}

describe('the request id', () => {
  it.each(['abc', 'A-1_b.2', 'x'.repeat(128)])('of the client is kept: %s', (id) => {
    const identity = toIdentity(given(id), createNumbering())
    expect(identity).toEqual({ requestId: id, isGiven: true })
  })

  it.each(['', 'a b', '"><script>', 'x'.repeat(129), 'a,b'])('is made anew for %j', (id) => {
    const numbering = createNumbering()
    const [first, second] = [toIdentity(given(id), numbering), toIdentity(given(id), numbering)]
    expect(first.isGiven).toBe(false)
    expect(first.requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(second.requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(second.requestId).not.toBe(first.requestId)
  })

  it('counts up from a random one, also past what its last four digits hold', () => {
    const numbering = createNumbering()
    const ids = Array.from({ length: 70_000 }, () => toIdentity(new Headers(), numbering).requestId)
    const [first = ''] = ids
    const node = Number.parseInt(first.slice(24), 16)
    const nodes = ids.map((_, at) => ((node + at) % 2 ** 48).toString(16).padStart(12, '0'))
    expect(ids).toEqual(nodes.map((digits) => first.slice(0, 24) + digits))
  })

  it('begins anew behind the last of its numbers', () => {
    const numbering = createNumbering()
    const { requestId } = toIdentity(new Headers(), numbering)
    Object.assign(numbering, { high: 2 ** 32 - 1, low: 0xffff })
    const stem = requestId.slice(0, 24)
    expect(toIdentity(new Headers(), numbering).requestId).toBe(`${stem}000000000000`)
    expect(toIdentity(new Headers(), numbering).requestId).toBe(`${stem}000000000001`)
  })
})

describe('the trace', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const traced: Difference = { settings: { forwarding: ['traceparent'] } }

  it.each([valid, `${valid.replace('00-', 'cc-')}-more`])(
    'that a client began goes on: %s',
    (trace) => {
      const headers = headersOf({ traceparent: trace, tracestate: 'a=b' })
      expect([headers.get('traceparent'), headers.get('tracestate')]).toEqual([trace, 'a=b'])
    },
  )

  it.each([
    'nonsense',
    valid.toUpperCase(),
    valid.replace('00-', 'ff-'),
    `${valid}-more`,
    valid.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
    valid.replace('b7ad6b7169203331', '0'.repeat(16)),
  ])('that is none is removed, or made anew: %s', (trace) => {
    const broken = { traceparent: trace, tracestate: 'a=b' }
    expect(headersOf(broken).has('traceparent')).toBe(false)
    const made = headersOf(broken, traced)
    expect(made.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect(made.has('tracestate')).toBe(false)
  })
})
