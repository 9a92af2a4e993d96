import { describe, expect, test } from 'vitest'
import { hashTextWide, hashWordsWide } from '../../src/core/kernel/wide-hash.ts'
import { rateKeyOf } from '../../src/core/rate-key.ts'
import type { LimitKey } from '../../src/schema/limit.ts'
import { factsOf } from '../support/builders.ts'

const SALT = 7

function keyOf(key: LimitKey, facts: Parameters<typeof factsOf>[0] = {}, token?: string): number {
  return rateKeyOf(key, SALT, { facts: factsOf(facts), readToken: () => token })
}

describe('the key of a request', () => {
  const anna = { client: { ip: '203.0.113.7' } }
  const bert = { client: { ip: '203.0.113.8' } }

  test('is its address, of IPv6 the /64', () => {
    expect(keyOf('address', anna)).not.toBe(keyOf('address', bert))
    const one = keyOf('address', { client: { ip: '2001:db8:0:1::1' } })
    expect(keyOf('address', { client: { ip: '2001:db8:0:1:ffff::9' } })).toBe(one)
    expect(keyOf('address', { client: { ip: '2001:db8:0:2::1' } })).not.toBe(one)
    expect(keyOf('address', { client: { ip: '::ffff:203.0.113.7' } })).toBe(keyOf('address', anna))
  })

  test('is one for everybody of whom no address is known', () => {
    expect(keyOf('address')).toBe(keyOf('address'))
    expect(keyOf('address')).not.toBe(keyOf('address', anna))
  })

  test.each([
    [{ header: 'x-user' }, { headers: { 'x-user': 'anna' } }],
    [{ cookie: 'user' }, { cookies: { user: 'anna' } }],
    ['country', { client: { ip: '203.0.113.8', country: 'DE' } }],
  ] as const)('is the value of %j wherever it comes from', (key, facts) => {
    const ip = { client: { ...('client' in facts && facts.client), ip: '198.51.100.9' } }
    expect(keyOf(key, { ...facts, ...ip })).toBe(keyOf(key, { ...bert, ...facts }))
    expect(keyOf(key, facts)).not.toBe(keyOf(key, bert))
  })

  test('is the credentials, and the address without any', () => {
    expect(keyOf('token', anna, 'Bearer x')).toBe(keyOf('token', bert, 'Bearer x'))
    expect(keyOf('token', anna, 'Bearer y')).not.toBe(keyOf('token', anna, 'Bearer x'))
    expect(keyOf('token', anna)).toBe(keyOf('address', anna))
  })

  test('cannot be made that of an address by whoever chooses a value', () => {
    const forged = { ...bert, headers: { 'x-user': '203.0.113.7' } }
    expect(keyOf({ header: 'x-user' }, forged)).not.toBe(keyOf('address', anna))
    expect(keyOf({ header: 'x-user' }, { ...anna, headers: { 'x-user': '' } })).toBe(
      keyOf('address', anna),
    )
  })

  test('is one for all where the route is counted', () => {
    expect(keyOf('route', anna)).toBe(keyOf('route', bert))
  })
})

test('two hundred thousand neighbours have keys of their own', () => {
  const size = 100_000
  const texts = new Set(Array.from({ length: size }, (_, at) => hashTextWide(`user-${at}`, SALT)))
  const words = new Set(
    Array.from({ length: size }, (_, at) => hashWordsWide(0x20010db8, at, SALT)),
  )
  expect([texts.size, words.size]).toEqual([size, size])
  // As even as chance: the spread of a thousandth of the space stays near its mean of 100.
  const counts = new Map<number, number>()
  for (const key of words) {
    const cell = Math.floor((key / 2 ** 53) * 1000)
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  expect(Math.max(...counts.values())).toBeLessThan(160)
})
