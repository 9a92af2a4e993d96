import * as fc from 'fast-check'
import type { DnsFlag, DnsMessage, DnsRecord } from '../../dns/message/message.ts'
import { toQuestion } from '../../dns/message/question.ts'
import { toIpv6Text } from '../../src/schema/dns-address.ts'
import { quoteBytes } from '../../src/schema/dns-text.ts'

/** A question of one name and type. */
export function query(name: string, type: string): DnsMessage {
  return { ...toQuestion({ name, type }), id: 1 }
}

const plainLabel = fc.stringMatching(/^[a-z0-9_*]([a-z0-9-]{0,20}[a-z0-9])?$/)
const oddLabel = fc.constantFrom(String.raw`a\.b`, String.raw`\\`, String.raw`\000\255x`, '"', '@')
const label = fc.oneof({ weight: 9, arbitrary: plainLabel }, { weight: 1, arbitrary: oddLabel })
const name = fc.oneof(
  { weight: 1, arbitrary: fc.constant('.') },
  {
    weight: 9,
    arbitrary: fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.')),
  },
)
/** A name within the data of a record: dns-packet knows no escapes. */
const target = fc.array(plainLabel, { minLength: 1, maxLength: 4 }).map((each) => each.join('.'))
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffff_ffff)
const ipv4 = fc.ipV4()
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), u16), { minLength: 8, maxLength: 8 })
  // Of these only the longest run of zeros is another one in a text of a peer.
  .filter((groups) => groups.slice(0, 6).some((group) => group !== 0 && group !== 0xffff))
  .map(toIpv6Text)
const strings = fc
  .array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 3 })
  .map((each) => each.map((bytes) => quoteBytes([...bytes])).join(' '))
const hex = fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return String.raw`\# ${bytes.length} ${digits}`.trimEnd()
})

const parameter = [
  fc.constantFrom('mandatory=alpn', 'mandatory=alpn,port', 'mandatory=key65000'),
  fc.constantFrom('alpn=h2', 'alpn=h2,h3', String.raw`key1="\003a,b"`, String.raw`key1="\000"`),
  fc.constant('no-default-alpn'),
  fc.oneof(
    u16.map((port) => `port=${port}`),
    fc.constant(String.raw`key3="\000"`),
  ),
  fc.array(ipv4, { minLength: 1, maxLength: 3 }).map((each) => `ipv4hint=${each.join(',')}`),
  fc.constantFrom('ech=AAAA', 'ech=AQI='),
  fc.array(ipv6, { minLength: 1, maxLength: 3 }).map((each) => `ipv6hint=${each.join(',')}`),
  fc.constantFrom('key4="a"', 'key65000', 'key667="with space"', String.raw`key700="\"\200"`),
]
const https = fc
  .tuple(
    u16,
    name,
    fc.subarray(parameter).chain((each) => fc.tuple(...each)),
  )
  .map(([priority, host, words]) => [priority, host, ...words].join(' '))

const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  A: ipv4,
  AAAA: ipv6,
  CNAME: target,
  NS: target,
  PTR: target,
  MX: fc.tuple(u16, target).map((words) => words.join(' ')),
  SRV: fc.tuple(u16, u16, u16, target).map((words) => words.join(' ')),
  SOA: fc.tuple(target, target, u32, u32, u32, u32, u32).map((words) => words.join(' ')),
  TXT: strings,
  HTTPS: https,
  TSIG: hex,
  TYPE999: hex,
}

/** A record of any type that is known, and of one that is not. */
export const anyRecord: fc.Arbitrary<DnsRecord> = fc
  .constantFrom(...Object.entries(values))
  .chain(([type, value]) =>
    fc.record({ name, type: fc.constant(type), class: fc.constant('IN'), ttl: u32, value }),
  )

/** Records as they stand in an UPDATE: of no data, or of the class NONE. */
const updateRecord: fc.Arbitrary<DnsRecord> = fc.oneof(
  anyRecord,
  anyRecord.map((record) => ({ ...record, class: 'NONE', ttl: 0 })),
  anyRecord.map((record) => ({ ...record, class: 'ANY', ttl: 0, value: '' })),
)

const FLAGS: readonly DnsFlag[] = [
  'response',
  'authoritative',
  'truncated',
  'recursionDesired',
  'recursionAvailable',
  'authenticData',
  'checkingDisabled',
]

const section = fc.array(updateRecord, { maxLength: 4 })

/** A query, an UPDATE, or an answer. */
export const anyMessage: fc.Arbitrary<DnsMessage> = fc.record({
  id: u16,
  opcode: fc.constantFrom('QUERY', 'UPDATE', 'OPCODE9'),
  rcode: fc.constantFrom('NOERROR', 'NXDOMAIN', 'YXRRSET', 'RCODE15'),
  flags: fc.subarray([...FLAGS]),
  questions: fc.array(
    fc.record({ name, type: fc.constantFrom('A', 'SOA', 'TYPE7'), class: fc.constant('IN') }),
    { maxLength: 2 },
  ),
  answers: section,
  authorities: section,
  additionals: section,
})
