import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { describeAddress, hashAddress } from '../../../src/core/kernel/address.ts'
import { hashText } from '../../../src/core/kernel/hash.ts'

const RUNS = { seed: 11, numRuns: 1000 }
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }))
const groups = fc.array(group, { minLength: 8, maxLength: 8 })

describe('the address of a client', () => {
  it('counts an IPv4 address as it is', () => {
    expect(hashAddress('203.0.113.7')).not.toBe(hashAddress('203.0.113.8'))
    expect(describeAddress('203.0.113.7')).toBe('203.0.113.7')
  })

  it('counts an IPv6 address by its /64', () => {
    expect(hashAddress('2001:db8:1:2::7')).toBe(hashAddress('2001:db8:1:2:aaaa:bbbb:cccc:dddd'))
    expect(hashAddress('2001:db8:1:2::7')).not.toBe(hashAddress('2001:db8:1:3::7'))
    expect(describeAddress('2001:DB8::7')).toBe('2001:db8:0:0::/64')
  })

  it('counts an IPv4-mapped address as the IPv4 address', () => {
    for (const text of ['::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7']) {
      expect(hashAddress(text)).toBe(hashAddress('203.0.113.7'))
      expect(describeAddress(text)).toBe('203.0.113.7')
    }
  })

  it('tells addresses apart that only begin like mapped ones', () => {
    expect(hashAddress('::1')).toBe(hashAddress('::2'))
    expect(hashAddress('::ffff:0:203.0.113.7')).toBe(hashAddress('::1'))
  })

  it.each([
    ['1:2:3:4:5:6:7:8', '1:2:3:4::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::4:5:6:7:8', '0:0:0:4::/64'],
    ['1::3:4:5:6:7:8', '1:0:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4::/64'],
  ])('reads %s', (text, prefix) => {
    expect(describeAddress(text)).toBe(prefix)
  })

  it('reads every form of an IPv6 address as the general parser does', () => {
    fc.assert(
      fc.property(groups, (given) => {
        const address = new ipaddr.IPv6(given)
        const forms = [
          address.toString(),
          address.toNormalizedString(),
          address.toRFC5952String(),
          given.map((part) => part.toString(16).padStart(4, '0').toUpperCase()).join(':'),
        ]
        const [prefix] = forms.map(describeAddress)
        for (const form of forms) {
          expect(describeAddress(form)).toBe(prefix)
          expect(hashAddress(form)).toBe(hashAddress(address.toNormalizedString()))
        }
        const expected = given.slice(0, 4).map((part) => part.toString(16))
        const isMapped = address.isIPv4MappedAddress()
        expect(prefix).toBe(
          isMapped ? address.toIPv4Address().toString() : `${expected.join(':')}::/64`,
        )
      }),
      RUNS,
    )
  })

  it('hashes what is no address as text, and never throws', () => {
    for (const text of [
      '',
      'unknown',
      '1.2.3',
      '1.2.3.256',
      '1..2.3',
      '1:2:3',
      '1::2::3',
      'g::1',
      '12345::',
      '@::1',
      '1:2:3:4::5:6:7:8',
      '1:2:3:4:5:6:7:8:9',
    ]) {
      expect(hashAddress(text)).toBe(hashText(text))
      expect(describeAddress(text)).toBe(text)
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(hashAddress(text)).toBe(hashAddress(text) >>> 0)
      }),
      RUNS,
    )
  })
})
