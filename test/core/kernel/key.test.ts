import { describe, expect, it } from 'vitest'
import { describeKey, hashKey } from '../../../src/core/kernel/key.ts'
import { RequestFacts } from '../../../src/schema/facts.ts'
import type { Key } from '../../../src/schema/key.ts'

const COOKIE = 'session'
const CLIENT = { client: { ip: '203.0.113.7' } }

function factsOf(facts: Omit<Partial<RequestFacts>, 'host'>): RequestFacts {
  return RequestFacts.parse({ host: 'www.example.com', ...facts })
}

const hashOf = (key: Key, facts: RequestFacts) => hashKey(key, facts, COOKIE)

describe('a key', () => {
  const carriers: readonly [Key, (value: string) => RequestFacts][] = [
    [{ header: 'x-user' }, (value) => factsOf({ headers: { 'x-user': value }, ...CLIENT })],
    [{ cookie: 'cart' }, (value) => factsOf({ cookies: { cart: value }, ...CLIENT })],
    [{ query: 'tenant' }, (value) => factsOf({ query: { tenant: value }, ...CLIENT })],
    [{ segment: 2 }, (value) => factsOf({ path: `/users/${value}/posts`, ...CLIENT })],
    ['session', (value) => factsOf({ cookies: { session: value }, ...CLIENT })],
  ]

  it.each(carriers)('%j hangs on the value and nothing else', (key, carrying) => {
    const anna = hashOf(key, carrying('anna'))
    expect(hashOf(key, { ...carrying('anna'), random: 0.1, client: {} })).toBe(anna)
    expect(hashOf(key, carrying('bert'))).not.toBe(anna)
  })

  it.each(carriers)('%j falls back on the client when it is missing or empty', (key, carrying) => {
    const client = hashOf('client', factsOf(CLIENT))
    expect(hashOf(key, carrying(''))).toBe(client)
    expect(hashOf(key, factsOf(CLIENT))).toBe(client)
  })

  it.each(carriers)('%j falls back on chance when the client is unknown as well', (key) => {
    const one = factsOf({ random: 0.1 })
    expect(hashOf(key, one)).toBe(hashOf('random', one))
    expect(hashOf(key, one)).not.toBe(hashOf(key, factsOf({ random: 0.2 })))
  })

  it('of a client is its address, by chance when that is unknown', () => {
    const one = factsOf({ ...CLIENT, random: 0.1 })
    expect(hashOf('client', one)).toBe(hashOf('client', { ...one, random: 0.9 }))
    expect(hashOf('client', factsOf({ random: 0.1 }))).toBe(hashOf('random', one))
  })

  it.each([
    [1, 'users'],
    [2, '7'],
    [3, 'posts'],
  ])('counts path segments from 1: %d of /users/7/posts is %s', (segment, value) => {
    const facts = factsOf({ path: '/users/7/posts' })
    expect(describeKey({ segment }, facts, COOKIE)).toBe(`path segment ${segment} = "${value}"`)
  })

  it.each(['/users/7', '/users/7/', '/users/7//x', '/'])('%s has no third segment', (path) => {
    const words = describeKey({ segment: 3 }, factsOf({ path, ...CLIENT }), COOKIE)
    expect(words).toBe('client 203.0.113.7 (the request has no path segment 3)')
  })

  it('does not take what every object has for a header', () => {
    const facts = factsOf(CLIENT)
    expect(hashOf({ header: 'constructor' }, facts)).toBe(hashOf('client', facts))
  })
})

describe('a key in words', () => {
  it.each<[Key, Omit<Partial<RequestFacts>, 'host'>, string]>([
    ['random', CLIENT, 'chance'],
    ['client', CLIENT, 'client 203.0.113.7'],
    ['client', { client: { ip: '2001:db8::7' } }, 'client 2001:db8:0:0::/64'],
    ['client', {}, 'chance (the client is unknown)'],
    [{ header: 'x-user' }, { headers: { 'x-user': 'anna' } }, 'header x-user = "anna"'],
    [{ query: 'q' }, { query: { q: 'a"b' } }, 'query parameter q = "a\\"b"'],
    [{ header: 'x-user' }, CLIENT, 'client 203.0.113.7 (the request has no header x-user)'],
    [{ cookie: 'cart' }, {}, 'chance (the request has no cookie cart)'],
  ])('%j of %j is: %s', (key, facts, words) => {
    expect(describeKey(key, factsOf(facts), COOKIE)).toBe(words)
  })

  it('never shows the value of a cookie', () => {
    const facts = factsOf({ cookies: { session: 's3cret', cart: 's3cret' } })
    expect(describeKey('session', facts, COOKIE)).toBe('session cookie session')
    expect(describeKey({ cookie: 'cart' }, facts, COOKIE)).toBe('cookie cart')
  })

  it('never shows the value of a header that holds credentials', () => {
    const facts = factsOf({ headers: { authorization: 'Bearer s3cret' } })
    expect(describeKey({ header: 'authorization' }, facts, COOKIE)).toBe('header authorization')
  })

  it('shortens a long value', () => {
    const facts = factsOf({ headers: { 'x-user': 'a'.repeat(500) } })
    expect(describeKey({ header: 'x-user' }, facts, COOKIE)).toBe(
      `header x-user = "${'a'.repeat(64)}…"`,
    )
  })
})
