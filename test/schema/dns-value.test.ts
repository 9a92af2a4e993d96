import { isIPv4, isIPv6 } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { companionName, parseMarkText, toMarkText } from '../../src/schema/dns-mark.ts'
import { RecordType } from '../../src/schema/dns-record-set.ts'
import { parseQuoted } from '../../src/schema/dns-text.ts'
import { parseDnsValue, toCanonicalValues, typeOfHost } from '../../src/schema/dns-value.ts'

function canonical(type: RecordType, text: string): string {
  const parsed = parseDnsValue(type, text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe('the value of a record', () => {
  it.each<[RecordType, string, string]>([
    ['A', ' 192.0.2.1 ', '192.0.2.1'],
    ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['AAAA', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['AAAA', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['AAAA', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['AAAA', '::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['AAAA', '1::', '1::'],
    ['CNAME', 'WWW.Example.com.', 'www.example.com'],
    ['CNAME', '_acme.x-y.example.com', '_acme.x-y.example.com'],
    ['SRV', '010 5  5060 SIP.example.com.', '10 5 5060 sip.example.com'],
    ['SRV', '0 0 0 .', '0 0 0 .'],
    ['TXT', 'v=spf1 -all', '"v=spf1 -all"'],
    ['TXT', String.raw`"a\"b\\c\065"  "d"`, String.raw`"a\"b\\cA" "d"`],
    ['TXT', 'say "no" \\ ü', String.raw`"say \"no\" \\ \195\188"`],
    ['TXT', '', '""'],
    ['TXT', 'x'.repeat(300), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`],
    ['HTTPS', '0 Pool.example.com.', '0 pool.example.com'],
    ['HTTPS', '1 . port=65535 key65534', '1 . port=65535 key65534'],
    ['TXT', String.raw`"\255"`, String.raw`"\255"`],
    ['HTTPS', '1 . port=8443 alpn="h2,h3"', '1 . alpn=h2,h3 port=8443'],
    [
      'HTTPS',
      '16 a.example.com. ipv6hint=2001:DB8::0:1,::1 ipv4hint=192.0.2.1,192.0.2.2 no-default-alpn alpn=h3 mandatory=ipv4hint,alpn',
      '16 a.example.com mandatory=alpn,ipv4hint alpn=h3 no-default-alpn ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1,::1',
    ],
    [
      'HTTPS',
      '1 . key667="hello\\210qoo" key7=/q{?dns}',
      '1 . dohpath=/q{?dns} key667="hello\\210qoo"',
    ],
    ['HTTPS', '1 . key667="a b" ech=AEj+DQ==', '1 . ech=AEj+DQ== key667="a b"'],
  ])('of type %s: %s', (type, text, value) => {
    expect(parseDnsValue(type, text)).toEqual({ ok: true, value })
    expect(canonical(type, value)).toBe(value)
  })

  it.each<[RecordType, string, string]>([
    ['A', '192.0.2.01', 'is no IPv4 address, such as "192.0.2.1"'],
    ['A', '192.0.2.256', 'is no IPv4 address, such as "192.0.2.1"'],
    ['A', '2001:db8::1', 'is no IPv4 address, such as "192.0.2.1"'],
    ['AAAA', 'fe80::1%eth0', 'is no IPv6 address, such as "2001:db8::1"'],
    ['AAAA', '1:2:3:4:5:6:7::8', 'is no IPv6 address, such as "2001:db8::1"'],
    ['CNAME', '192.0.2.1', 'is no whole host name, such as "www.example.com"'],
    ['CNAME', '.', 'is no whole host name, such as "www.example.com"'],
    ['CNAME', `${'a'.repeat(64)}.example.com`, 'is no whole host name, such as "www.example.com"'],
    [
      'SRV',
      '10 5 65536 sip.example.com',
      'is no "priority weight port target", such as "10 5 5060 sip.example.com"',
    ],
    [
      'SRV',
      '10 5 5060 sip.example.com more',
      'is no "priority weight port target", such as "10 5 5060 sip.example.com"',
    ],
    [
      'SRV',
      '10 5 5060 -',
      'is no "priority weight port target", such as "10 5 5060 sip.example.com"',
    ],
    [
      'TXT',
      '"open',
      'is neither plain text nor a list of quoted strings, such as "\\"one\\" \\"two\\""',
    ],
    [
      'TXT',
      String.raw`"\256"`,
      'is neither plain text nor a list of quoted strings, such as "\\"one\\" \\"two\\""',
    ],
    ['HTTPS', 'a.example.com', 'is no "priority target parameters", such as "1 . alpn=h2,h3"'],
    [
      'HTTPS',
      '0 . alpn=h2',
      'has priority 0, which makes an alias of it, and an alias has no parameters',
    ],
    ['HTTPS', '1 . alpn=h2 alpn=h3', 'is no HTTPS record: "alpn" stands twice'],
    ['HTTPS', '1 . alpm=h2', 'is no HTTPS record: "alpm" is no parameter of a service'],
    ['HTTPS', '1 . key3=53', 'is no HTTPS record: "key3" is written "port"'],
    ['HTTPS', '1 . key65535=a', 'is no HTTPS record: "key65535" is no parameter of a service'],
    ['HTTPS', '1 . port', 'is no HTTPS record: "port" needs a value'],
    ['HTTPS', '1 . port=65536', 'is no HTTPS record: the value of "port" is none that it takes'],
    ['HTTPS', '1 . no-default-alpn', 'is no HTTPS record: "no-default-alpn" needs "alpn"'],
    ['HTTPS', '1 . mandatory=alpn', 'is no HTTPS record: "alpn" is mandatory and not there'],
    ['HTTPS', '1 . ohttp=1', 'is no HTTPS record: "ohttp" has no value'],
    ['HTTPS', '1 . key667="a', 'is no HTTPS record: the value of "key667" is garbled'],
  ])('is none, of type %s: %s', (type, text, error) => {
    expect(parseDnsValue(type, text)).toEqual({ ok: false, error })
  })

  it('is an address exactly when the platform takes it for one, and is written as a URL writes it', () => {
    const word = fc.oneof(
      fc.constantFrom('', ':', '::', '0', '.', '1.2.3.4', 'ffff', '00ab', '12345', '%1'),
      fc.ipV6(),
      fc.ipV4(),
    )
    const text = fc.oneof(
      fc.ipV6(),
      fc.array(word, { maxLength: 9 }).map((words) => words.join(':')),
      fc.ipV4(),
    )
    fc.assert(
      fc.property(text, (address) => {
        expect(parseDnsValue('A', address).ok).toBe(isIPv4(address))
        const isOne = isIPv6(address) && !address.includes('%')
        expect(parseDnsValue('AAAA', address).ok).toBe(isOne)
        if (!isOne) return
        // A URL writes mapped addresses in hexadecimal; RFC 5952 §5 does not.
        const value = canonical('AAAA', address)
        expect(value).toMatch(/^(::ffff:\d+\.\d+\.\d+\.\d+|[0-9a-f:]+)$/)
        expect(new URL(`http://[${value}]`).hostname).toBe(new URL(`http://[${address}]`).hostname)
        const written = value.includes('.') ? new URL(`http://[${value}]`).hostname : `[${value}]`
        expect(written).toBe(new URL(`http://[${address}]`).hostname)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps every byte of a text, in strings of at most 255', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        fc.pre(!text.trimStart().startsWith('"'))
        const value = canonical('TXT', text)
        const strings = parseQuoted(value) ?? []
        expect(value).toMatch(/^[ -~]+$/)
        expect(Math.max(...strings.map(({ length }) => length))).toBeLessThanOrEqual(255)
        expect(Buffer.from(strings.flat()).toString()).toBe(Buffer.from(text).toString())
      }),
      { numRuns: 60 },
    )
  })

  it('is parsed without a throw whatever it is, and once parsed it stays the same', () => {
    const part = fc.constantFrom(
      '1',
      '.',
      '0',
      ' ',
      '"',
      '\\',
      '=',
      ',',
      'alpn',
      'port=1',
      'a.b',
      'key9',
      '\\1',
      'ü',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 12 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(fc.constantFrom(...RecordType.options), text, (type, garbage) => {
        const parsed = parseDnsValue(type, garbage)
        const again = parsed.ok ? parseDnsValue(type, parsed.value) : parsed
        expect(again).toEqual(parsed)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the values of a record set', () => {
  it('are canonical, sorted and none twice; what cannot be read stays', () => {
    const texts = ['2001:DB8::2', '2001:db8::1', 'garbage', '2001:db8:0::1']
    expect(toCanonicalValues('AAAA', texts)).toEqual(['2001:db8::1', '2001:db8::2', 'garbage'])
  })
})

describe('the host of an origin', () => {
  it.each([
    ['192.0.2.1', 'A'],
    ['[2001:db8::1]', 'AAAA'],
    ['us.example.com', 'CNAME'],
    ['a..b', undefined],
  ])('%s is a value of %s', (host, type) => {
    expect(typeOfHost(host)).toBe(type)
  })
})

describe('a mark', () => {
  const mark = { owner: 'portolan', record: 'apex' }

  it('is read as it is written, from a comment or from a TXT', () => {
    expect(toMarkText(mark)).toBe('heritage=portolan,owner=portolan,record=apex')
    expect(parseMarkText(toMarkText(mark))).toEqual(mark)
    expect(parseMarkText(canonical('TXT', toMarkText(mark)))).toEqual(mark)
  })

  it.each([
    '',
    'heritage=portolan',
    'heritage=external-dns,owner=portolan,record=apex',
    'heritage=portolan,owner=a,record=A',
    'heritage=portolan,owner=a,record=b,more=c',
  ])('is not "%s"', (text) => {
    expect(parseMarkText(text)).toBeUndefined()
  })

  it('stands beside the record, by its type, where there are no comments', () => {
    expect(companionName({ name: 'www.example.com', type: 'A' })).toBe(
      '_portolan-a.www.example.com',
    )
    expect(companionName({ name: '*.example.com', type: 'HTTPS' })).toBe(
      '_portolan-https._wildcard.example.com',
    )
  })
})
