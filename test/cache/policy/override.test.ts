import { describe, expect, it } from 'vitest'
import { NOON_DATE, storedOf, toFields, whyNot } from './exchange.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const FRESH = { 'cache-control': 'max-age=60' }

describe('"override"', () => {
  const override = { mode: 'override', ttl: { default: '5m' } }

  it('does what "ttl" says, whatever lifetime and validation an answer asks for', () => {
    for (const control of [
      'max-age=60',
      'no-cache',
      'max-age=0, must-revalidate',
      's-maxage=1, proxy-revalidate',
    ]) {
      expect(
        storedOf({ headers: { 'cache-control': control, expires: '0' } }, override),
      ).toMatchObject({
        freshMs: 5 * MINUTE,
        isValidatedAlways: false,
        isNeverStale: false,
        staleWhileOutMs: HOUR,
      })
    }
  })

  it('counts from now on, however old an answer is', () => {
    const stored = storedOf({ headers: { age: '3600' } }, override)
    expect(stored.freshMs - stored.initialAgeMs).toBe(5 * MINUTE)
  })

  it('stores no status of which "ttl" says nothing, or 0s', () => {
    expect(whyNot({ status: 404, headers: FRESH }, override)).toBe('no-lifetime')
    expect(whyNot({ headers: FRESH }, { mode: 'override', ttl: { default: '0s' } })).toBe(
      'ttl-zero',
    )
  })

  it('keeps what varies by everything, parts and Set-Cookie out as "standard" does', () => {
    expect(whyNot({ headers: { vary: '*' } }, override)).toBe('vary')
    expect(whyNot({ status: 206 }, override)).toBe('partial')
    expect(whyNot({ headers: { 'set-cookie': 'a=1' } }, override)).toBe('set-cookie')
    expect(
      storedOf({ headers: { 'cache-control': 'private="x-user"', 'x-user': 'u' } }, override)
        .fields,
    ).toEqual(toFields({ date: NOON_DATE, 'cache-control': 'private="x-user"' }))
  })
})

describe('what an answer varies by', () => {
  const vary = 'Cookie, Accept, Accept-Language'
  const override = { mode: 'override', ttl: { default: '1m' } }

  it('counts where the origin was told it and it is not in the key', () => {
    expect(storedOf({ headers: { ...FRESH, vary } }).vary).toEqual([
      'accept',
      'accept-language',
      'cookie',
    ])
    const key = { headers: ['accept-language'] }
    expect(storedOf({ headers: { ...FRESH, vary } }, { key }).vary).toEqual(['accept', 'cookie'])
    expect(storedOf({ headers: { ...FRESH, vary } }, override).vary).not.toContain('cookie')
  })

  it('stands in Vary for the client all the same', () => {
    expect(storedOf({ headers: { vary } }, override).fields).toContainEqual(['vary', vary])
  })
})
