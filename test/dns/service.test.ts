import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../dns/message/reader.ts'
import { readRdata, writeRdata } from '../../dns/message/rdata.ts'
import { ByteWriter } from '../../dns/message/writer.ts'

const COM = '03666f6f076578616d706c6503636f6d00'
const ORG = '03666f6f076578616d706c65036f726700'

/** Test vectors of RFC 9460, appendix D: the text here, the data there. */
const vectors: readonly (readonly [text: string, hex: string])[] = [
  ['0 foo.example.com', `0000${COM}`],
  ['1 .', '000100'],
  ['16 foo.example.com port=53', `0010${COM}000300020035`],
  ['1 foo.example.com key667="hello"', `0001${COM}029b000568656c6c6f`],
  [String.raw`1 foo.example.com key667="hello\210qoo"`, `0001${COM}029b000968656c6c6fd2716f6f`],
  [
    '1 foo.example.com ipv6hint=2001:db8::1,2001:db8::53:1',
    `0001${COM}0006002020010db800000000000000000000000120010db8000000000000000000530001`,
  ],
  [
    '1 foo.example.com ipv6hint=2001:db8:122:344::c000:221',
    `0001${COM}0006001020010db80122034400000000c0000221`,
  ],
  [
    '16 foo.example.org mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1',
    `0010${ORG}0000000400010004000100090268320568332d313900040004c0000201`,
  ],
  // An id of a protocol with a comma and a backslash in it, which the list of names cannot hold: told as bytes.
  [
    String.raw`16 foo.example.org key1="\008f\\oo,bar\002h2"`,
    `0010${ORG}0001000c08665c6f6f2c626172026832`,
  ],
]

describe('an HTTPS record', () => {
  it.each(vectors)('is written and read as RFC 9460 has it: %s', (text, hex) => {
    const writer = new ByteWriter()
    writeRdata(writer, 'HTTPS', text)
    expect({ wrong: writer.wrong, hex: toHex(writer.bytes) }).toEqual({ wrong: undefined, hex })
    const reader = new ByteReader(Uint8Array.from(writer.bytes))
    expect(readRdata(reader, 'HTTPS', writer.bytes.length)).toBe(text)
  })

  it('tells a parameter that is not of its form as bytes, and nothing is lost', () => {
    const hex = '000100000300030001020004000000010001ff'
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
    const text = readRdata(new ByteReader(bytes), 'HTTPS', bytes.length)
    expect(text).toBe(String.raw`1 . key3="\000\001\002" key4 key1="\255"`)
    const writer = new ByteWriter()
    writeRdata(writer, 'HTTPS', text)
    expect(toHex(writer.bytes)).toBe(hex)
  })
})

function toHex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
