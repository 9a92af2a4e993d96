import { Buffer } from 'node:buffer'
import dnsPacket from 'dns-packet'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Decoded,
  type DnsMessage,
  type DnsRecord,
  decodeMessage,
  encodeMessage,
} from '../../dns/message/message.ts'
import { anyMessage, anyRecord, query } from './any-message.ts'

describe('a message', () => {
  it('is told again as it was written', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decoded(encoded(message))).toEqual(message)
      }),
    )
  })

  it('is read or refused, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(typeof decodeMessage(bytes).ok).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })

  it('is written again with the same meaning, when it was read from spoilt bytes', () => {
    const spoilt = fc.tuple(
      anyMessage,
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
      fc.nat(400),
    )
    fc.assert(
      fc.property(spoilt, ([message, changes, cut]) => {
        const bytes = encoded(message)
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet
        const read = decodeMessage(cut < 40 ? bytes.subarray(0, cut) : bytes)
        const again = read.ok ? decodeMessage(encoded(read.message)) : read
        expect(messageOf(again)).toEqual(messageOf(read))
      }),
      { numRuns: 500 },
    )
  })

  it('is refused when anything follows it', () => {
    const bytes = encoded(query('example.com', 'A'))
    expect(decodeMessage(Uint8Array.from([...bytes, 0]))).toEqual({
      ok: false,
      error: 'something follows its last record',
    })
  })

  it.each([
    ['more', [192, 0, 2, 1, 9]],
    ['less', [192, 0, 2]],
  ])('is refused when the data of a record is %s than its type has', (_, data) => {
    const address = [0, 0, 1, 0, 1, 0, 0, 0, 60, 0, data.length, ...data]
    expect(decodeMessage(Uint8Array.from([...header(0, 1), ...address])).ok).toBe(false)
  })

  it('is refused when it announces more records than it has', () => {
    const bytes = encoded(query('example.com', 'A'))
    bytes.set([0xff, 0xff], 6)
    expect(decodeMessage(bytes)).toEqual({ ok: false, error: 'it ends in the middle' })
  })

  it('is not written when something in it cannot be', () => {
    const wrong: Partial<DnsRecord>[] = [
      { name: 'a..b' },
      { name: `${'a'.repeat(64)}.b` },
      { name: Array.from({ length: 130 }, () => 'a').join('.') },
      { value: '192.0.2.256' },
      { value: '192.0.2' },
      { type: 'NONSENSE' },
      { type: 'TYPE65536' },
      { class: 'NOWHERE' },
      { ttl: -1 },
      { ttl: 2 ** 32 },
      { type: 'AAAA', value: '1::2::3' },
      { type: 'SRV', value: '1 2 3' },
      { type: 'SRV', value: '1 2 65536 a' },
      { type: 'TXT', value: 'bare' },
      { type: 'TXT', value: `"${'a'.repeat(256)}"` },
      { type: 'HTTPS', value: '1 . port=70000' },
      { type: 'HTTPS', value: '1 . nonsense=1' },
      { type: 'TYPE999', value: String.raw`\# 3 0102` },
    ]
    const record = { name: 'a', type: 'A', class: 'IN', ttl: 1, value: '192.0.2.1' }
    const outcomes = wrong.map((part) =>
      encodeMessage({ ...query('a', 'A'), answers: [{ ...record, ...part }] }),
    )
    expect(outcomes.filter(({ ok }) => ok)).toEqual([])
  })

  it('is not longer than two octets can tell', () => {
    const record = { name: 'a', type: 'TXT', class: 'IN', ttl: 1, value: `"${'a'.repeat(250)}"` }
    const answers = Array.from({ length: 300 }, () => record)
    expect(encodeMessage({ ...query('a', 'TXT'), answers })).toEqual({
      ok: false,
      error: 'it is longer than 65535 octets',
    })
  })
})

describe('a name', () => {
  it('is read where a pointer leads to it', () => {
    const name = [3, 0x57, 0x57, 0x57, 0xc0, 12]
    const bytes = [...header(2), 2, 0x64, 0x65, 0, 0, 1, 0, 1, ...name, 0, 1, 0, 1]
    expect(decoded(Uint8Array.from(bytes)).questions.map((each) => each.name)).toEqual([
      'de',
      'www.de',
    ])
  })

  it.each([
    ['to itself', [0xc0, 12]],
    ['ahead', [0xc0, 20]],
    ['back into its own labels', [1, 0x61, 0xc0, 12]],
    ['beyond the message', [0xff, 0xff]],
  ])('is refused when it points %s', (_, name) => {
    const bytes = Uint8Array.from([...header(1), ...name, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(decodeMessage(bytes)).toEqual({ ok: false, error: 'a name points to itself' })
  })

  it('is refused when it goes from pointer to pointer for too long', () => {
    const recordAt = 12
    const dataAt = recordAt + 11
    const pointers = Array.from({ length: 8000 }, (_, at) =>
      toPointer(at === 0 ? recordAt : dataAt + 2 * (at - 1)),
    ).flat()
    const first = [0, ...tail, pointers.length >> 8, pointers.length & 255, ...pointers]
    const last = [...toPointer(dataAt + pointers.length - 2), ...tail, 0, 0]
    const bytes = Uint8Array.from([...header(0, 2), ...first, ...last])
    expect(decodeMessage(bytes)).toEqual({ ok: false, error: 'a name points to itself' })
  })

  it('is refused when its labels are of an unknown kind', () => {
    const bytes = Uint8Array.from([...header(1), 0x41, 0x61, 0, 0, 1, 0, 1])
    expect(decodeMessage(bytes)).toEqual({ ok: false, error: 'a label is of no known kind' })
  })
})

describe('dns-packet, which was written by others,', () => {
  const known = anyRecord.filter(
    ({ type, name }) => /^(A|AAAA|CNAME|NS|PTR|SRV|TXT|MX|SOA)$/.test(type) && isPlain(name),
  )

  it('reads what is written here', () => {
    fc.assert(
      fc.property(fc.array(known, { maxLength: 5 }), (answers) => {
        const message = { ...query('example.com', 'A'), answers }
        const read = dnsPacket.decode(Buffer.from(encoded(message)))
        expect((read.answers ?? []).map(fromPeer)).toEqual(answers)
      }),
    )
  })

  it('writes what is read here, its names compressed or not', () => {
    fc.assert(
      fc.property(fc.array(known, { maxLength: 5 }), (answers) => {
        const bytes = encoded({ ...query('example.com', 'A'), answers })
        const rewritten = dnsPacket.encode(dnsPacket.decode(Buffer.from(bytes)))
        expect(decoded(rewritten).answers).toEqual(answers)
      }),
    )
  })
})

/** Of a record, behind its name: a type that nobody knows, IN, TTL 0. */
const tail = [0xff, 0, 0, 1, 0, 0, 0, 0]

function toPointer(target: number): readonly number[] {
  return [0xc0 + (target >> 8), target & 255]
}

function header(questions: number, answers = 0): readonly number[] {
  return [0, 1, 0, 0, 0, questions, 0, answers, 0, 0, 0, 0]
}

/** What was read, or that nothing was: where its records begin differs where names were compressed. */
function messageOf(read: Decoded): DnsMessage | string {
  return read.ok ? read.message : read.error
}

function encoded(message: DnsMessage): Uint8Array {
  const result = encodeMessage(message)
  if (!result.ok) throw new Error(result.error)
  return result.bytes
}

function decoded(bytes: Uint8Array): DnsMessage {
  const result = decodeMessage(bytes)
  if (!result.ok) throw new Error(result.error)
  return result.message
}

/** dns-packet knows neither escapes nor bytes that are no text in a name. */
function isPlain(name: string): boolean {
  return !name.includes('\\')
}

function fromPeer(answer: dnsPacket.Answer): DnsRecord {
  const { name, type, class: group, ttl, data } = answer as dnsPacket.BaseAnswer<string, unknown>
  return { name, type, class: String(group), ttl: ttl ?? 0, value: valueOf(type, data) }
}

function valueOf(type: string, data: unknown): string {
  if (typeof data === 'string') return type === 'AAAA' ? normalIpv6(data) : data
  if (Array.isArray(data)) return data.map((part) => quote(part as Buffer)).join(' ')
  const parts = data as Readonly<Record<string, string | number>>
  const order: Readonly<Record<string, readonly string[]>> = {
    SRV: ['priority', 'weight', 'port', 'target'],
    MX: ['preference', 'exchange'],
    SOA: ['mname', 'rname', 'serial', 'refresh', 'retry', 'expire', 'minimum'],
  }
  return (order[type] ?? []).map((key) => parts[key]).join(' ')
}

function normalIpv6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}

function quote(bytes: Buffer): string {
  const texts = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte)
    if (character === '"' || character === '\\') return `\\${character}`
    return byte >= 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`
  })
  return `"${texts.join('')}"`
}
