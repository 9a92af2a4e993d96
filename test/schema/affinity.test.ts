import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { poolsOf } from '../support/builders.ts'

const pools = poolsOf({ us: ['us-1'], eu: ['eu-1'] })

interface Written {
  readonly affinity: object
  readonly hosts?: readonly string[]
  readonly to?: string
}

function problemsOf(routes: Readonly<Record<string, Written>>) {
  const written = Object.entries(routes).map(([id, { affinity, hosts, to = 'us' }]) => [
    id,
    { steer: { policy: 'failover', pools: [to] }, affinity, ...(hosts && { match: { hosts } }) },
  ])
  const parsed = parseConfig({ pools, routes: Object.fromEntries(written) })
  return parsed.problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`)
}

const one = (affinity: object, hosts?: readonly string[]) =>
  problemsOf({ app: { affinity, ...(hosts && { hosts }) } })

describe('affinity', () => {
  it.each([
    { type: 'cookie' },
    { type: 'ip-cookie', name: 'lb', sameSite: 'none', secure: 'always', idle: '20m' },
    { type: 'cookie', name: '__Host-lb' },
    { type: 'cookie', name: '__Secure-lb', domain: 'example.com', path: '/app' },
    { type: 'cookie', store: 'durable', data: { secret: 'SESSION_SECRET' }, import: 'SERVERID' },
    { type: 'header', names: [{ header: 'X-User' }, { cookie: 'sid' }], require: 'all' },
    { type: 'ip', store: 'durable', failover: 'none' },
    { type: 'ip', store: 'durable', data: { secret: 'SESSION_SECRET', header: 'X-Session-Data' } },
  ])('may be %j', (affinity) => {
    expect(one(affinity)).toEqual([])
  })

  it.each([
    [{ sameSite: 'none', secure: 'never' }, 'secure', '"SameSite=None" without "Secure"'],
    [{ name: '__Secure-lb', secure: 'never' }, 'secure', '"__Secure-" that is not secure'],
    [{ name: '__host-lb', secure: 'never' }, 'secure', '"__host-" that is not secure'],
    [{ name: '__Host-lb', path: '/app' }, 'name', '"__Host-" that has a domain or a path'],
    [{ name: '__Host-lb', domain: 'a.test' }, 'name', '"__Host-" that has a domain or a path'],
    [{ name: 'lb', import: 'lb' }, 'import', 'the cookie of this route itself'],
    [{ import: 'portolan-app' }, 'import', 'the cookie of this route itself'],
    [{ data: { secret: 'SECRET' } }, 'data', 'kept by the session objects'],
  ])('is refused as %j', (settings, at, words) => {
    const [problem, ...others] = one({ type: 'cookie', ...settings })
    expect(problem).toMatch(new RegExp(`^error /routes/app/affinity/${at}: `))
    expect(problem).toContain(words)
    expect(others).toEqual([])
  })

  it('is warned of a domain that the browsers of its hosts refuse', () => {
    const domain = { type: 'cookie', domain: 'example.com' }
    expect(one(domain, ['example.com', 'www.example.com', '*.example.com'])).toEqual([])
    expect(one(domain)).toEqual([])
    expect(one(domain, ['www.example.com', 'badexample.com'])).toEqual([
      expect.stringMatching(/^warning \/routes\/app\/affinity\/domain: .*"badexample.com"/),
    ])
  })

  it('is warned of a client that is to be refused, and whom nobody knows', () => {
    const failover = { type: 'ip', failover: 'none' }
    expect(one(failover)).toEqual([
      expect.stringMatching(/^warning \/routes\/app\/affinity\/failover: nobody remembers/),
    ])
    expect(one({ ...failover, store: 'durable' })).toEqual([])
    expect(one({ ...failover, failover: 'temporary' })).toEqual([])
  })

  it('is warned of an idle time that never ends', () => {
    expect(one({ type: 'ip', ttl: '1h', idle: '2h' })).toEqual([
      expect.stringMatching(/^warning \/routes\/app\/affinity\/idle: /),
    ])
  })

  it('is warned of two routes that write over each other’s cookie', () => {
    const affinity = { type: 'cookie', name: 'lb' }
    const warning = expect.stringMatching(/^warning \/routes\/b\/affinity\/name: route "a"/)
    expect(problemsOf({ a: { affinity }, b: { affinity, to: 'eu' } })).toEqual([warning])
    expect(problemsOf({ a: { affinity }, b: { affinity } })).toEqual([])
    const [here, there] = [{ hosts: ['a.test'] }, { hosts: ['b.test'] }]
    expect(problemsOf({ a: { affinity, ...here }, b: { affinity, to: 'eu', ...there } })).toEqual(
      [],
    )
    const unnamed = { affinity: { type: 'cookie' } }
    expect(problemsOf({ a: unnamed, b: { ...unnamed, to: 'eu' } })).toEqual([])
  })
})

const dataIn = (header: string) =>
  one({ type: 'ip', store: 'durable', data: { secret: 'S', header } })

describe('the header of session data', () => {
  it.each(
    [
      'Host',
      'cookie',
      'set-cookie',
      'content-length',
      'connection',
      'transfer-encoding',
      'authorization',
      'via',
    ].concat([
      'x-forwarded-for',
      'cf-ray',
      'x-request-id',
      'proxy-authorization',
      'cache-control',
      'origin',
    ]),
  )('is not %s', (header) => {
    const [problem = '', ...more] = dataIn(header)
    expect([problem.includes('means something to others'), more]).toEqual([true, []])
  })

  it('is not what names the session', () => {
    const names = [{ header: 'x-session' }]
    const data = { secret: 'S', header: 'X-Session' }
    const [problem = '', ...more] = one({ type: 'header', store: 'durable', names, data })
    expect([problem.includes('is the header of the data too'), more]).toEqual([true, []])
  })
})
