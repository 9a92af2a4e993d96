import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../../src/core/kernel/address.ts'
import { isInBlock, parseBlock } from '../../../src/core/match/client.ts'
import { Match } from '../../../src/schema/match.ts'

function isIn(ip: string, block: string): boolean {
  const address = parseAddress(ip)
  return address !== undefined && isInBlock(address, parseBlock(block))
}

/** The bytes of an address as another parser sees them. */
function bytesOf(text: string): number[] {
  return ipaddr.process(text).toByteArray()
}

/** Dotted quads right after `::` aside, which that parser takes for mapped ones. */
const address = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !/^::\d+\./.test(text))

describe('a block of addresses', () => {
  it.each([
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'], ['11.0.0.0', '::10.1.2.3']],
    ['10.1.2.3/8', ['10.9.9.9'], ['11.1.2.3']],
    ['192.0.2.1', ['192.0.2.1', '::ffff:c000:201', '::FFFF:C000:0201'], ['192.0.2.0']],
    ['192.0.2.128/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127']],
    ['192.0.2.1/32', ['192.0.2.1'], ['192.0.2.0']],
    ['0.0.0.0/0', ['1.2.3.4', '255.255.255.255'], ['::1', '2001:db8::1']],
    ['::/0', ['::1', '2001:db8::1'], ['1.2.3.4', '::ffff:1.2.3.4']],
    ['2001:db8::/32', ['2001:db8::', '2001:db8:ffff::1'], ['2001:db9::', '32.1.13.184']],
    ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::']],
    ['2001:db8::1', ['2001:db8:0:0:0:0:0:1'], ['2001:db8::2']],
    ['2001:db8::1/128', ['2001:db8::1'], ['2001:db8::']],
    ['::ffff:10.0.0.0/104', ['10.1.1.1', '::ffff:10.0.0.1'], ['11.0.0.1']],
    ['::ffff:0:0/96', ['10.1.1.1', '::ffff:10.0.0.1'], ['::1']],
    ['::ffff:0:0/80', ['::1'], ['10.1.1.1', '::1:0:0:0']],
  ])('%s holds %j and not %j', (block, inside, outside) => {
    expect(inside.filter((ip) => !isIn(ip, block))).toEqual([])
    expect(outside.filter((ip) => isIn(ip, block))).toEqual([])
  })

  it('agrees with another library on what is in it', () => {
    const nearby = fc.tuple(address, fc.nat(128), fc.nat(127)).map(([text, length, bit]) => {
      const bytes = bytesOf(text)
      const prefix = length % (bytes.length * 8 + 1)
      const at = (bit >> 3) % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
      return {
        base: ipaddr.fromByteArray(bytesOf(text)),
        prefix,
        other: ipaddr.fromByteArray(bytes),
      }
    })
    fc.assert(
      fc.property(nearby, ({ base, prefix, other }) => {
        fc.pre(![base, other].some((ip) => ip instanceof ipaddr.IPv6 && ip.isIPv4MappedAddress()))
        const expected = other.match([base, prefix])
        expect(isIn(other.toString(), `${base.toString()}/${prefix}`)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('parses whatever the schema lets through', () => {
    const block = fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.option(fc.nat(128)))
    fc.assert(
      fc.property(block, ([ip, prefix]) => {
        const text = prefix === null ? ip : `${ip}/${prefix}`
        fc.pre(Match.safeParse({ clients: [text] }).success)
        fc.pre(
          prefix === null || prefix >= 96 || parseAddress(ip)?.family === 6 || !ip.includes(':'),
        )
        expect(isIn(ip, text)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the text of an address', () => {
  it('means the same as to another library', () => {
    fc.assert(
      fc.property(address, (text) => {
        const bytes = parseAddress(text)?.words.flatMap((word) => [
          word >>> 24,
          (word >>> 16) & 255,
          (word >>> 8) & 255,
          word & 255,
        ])
        expect(bytes).toEqual(bytesOf(text))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['', 'nothing'],
    ['10', 'one number'],
    ['010.1.2.3', 'a leading zero, which some read as octal'],
    ['0x0a.1.2.3', 'hexadecimal'],
    ['10.1.2.256', 'more than a byte'],
    ['10.1.2.3.4', 'five bytes'],
    ['10.1.2.3/8', 'a block'],
    ['1::2::3', 'two gaps'],
    ['1:2:3:4:5:6:7', 'seven groups and no gap'],
    ['1:2:3:4::5:6:7:8', 'a gap of nothing'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    [':1', 'an empty group'],
    ['1::12345', 'five digits'],
    ['1.2.3.4::1', 'a dotted quad in front'],
    ['fe80::1%eth0', 'a zone'],
    ['::g', 'no digit'],
    [':1:2:3:4:5:6:7:8', 'a colon before it'],
    ['1:2:3:4:5:6:7:8:', 'a colon after it'],
  ])('%j is none: %s', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('may be anything, without an exception', () => {
    const noise = fc.string({ unit: fc.constantFrom(':', '.', '1', 'f', '0', '%', '/') })
    fc.assert(
      fc.property(fc.oneof(fc.string(), noise), (text) => {
        expect(() => parseAddress(text)).not.toThrow()
      }),
    )
  })
})
