import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DnsMessage, decodeMessage, encodeMessage } from '../../../dns/message/message.ts'
import { type TsigRecord, readTsig, writeTsig } from '../../../dns/rfc2136/tsig-record.ts'
import {
  type Verified,
  importTsigKey,
  signMessage,
  verifyAnswer,
} from '../../../dns/rfc2136/tsig.ts'
import {
  CAPTURED_SERVERS,
  CAPTURE_KEYS,
  type Capture,
  findCapture,
  readCaptures,
} from './captures.ts'

describe('a request', () => {
  const ofNsupdate = CAPTURED_SERVERS.flatMap((server) =>
    readCaptures(server).filter(({ what }) => /^nsupdate (makes|is declined|deletes)/.test(what)),
  )

  it('is signed as nsupdate signs it, to the last octet', async () => {
    const signed = await Promise.all(
      ofNsupdate.map(async ({ key, request }) => {
        const { unsigned, tsig } = takeApart(request)
        return signMessage(unsigned, await keyOf(key), tsig.timeSigned * 1000)
      }),
    )
    expect(signed.map(({ bytes }) => toHex(bytes))).toEqual(
      ofNsupdate.map(({ request }) => toHex(request)),
    )
    expect(signed).toHaveLength(9)
  })

  it('has no key from a secret that is none', async () => {
    const key = { name: 'portolan', algorithm: 'hmac-sha256' } as const
    expect(await importTsigKey(key, '')).toBeUndefined()
    expect(await importTsigKey(key, 'AAA')).toBeUndefined()
    expect(await importTsigKey(key, 'not base64!')).toBeUndefined()
    expect(await importTsigKey(key, 'AA==\n')).toMatchObject(key)
  })
})

describe('an answer', () => {
  it.each(CAPTURED_SERVERS)('of %s is worth what it is', async (server) => {
    const verdicts = await Promise.all(
      readCaptures(server).map(async (capture) => [
        capture.what,
        tell(await verify(capture), capture.atMs),
      ]),
    )
    const isPowerdns = server === 'powerdns'
    expect(Object.fromEntries(verdicts)).toEqual({
      'nsupdate makes records': 'trusted NOERROR',
      'nsupdate is declined by a prerequisite': 'trusted NXRRSET',
      'nsupdate deletes one record': 'trusted NOERROR',
      // PowerDNS says no more than that: RFC 8945 §5.2 wants a TSIG record with the error in it.
      'nsupdate has another secret': isPowerdns
        ? 'unsigned REFUSED NOERROR'
        : 'unsigned NOTAUTH BADSIG',
      'nsupdate has an unknown key': isPowerdns
        ? 'unsigned REFUSED NOERROR'
        : 'unsigned NOTAUTH BADKEY',
      'a question for addresses': 'trusted NOERROR 192.0.2.1',
      'a question for a service': 'trusted NOERROR 10 5 5060 www.example.test',
      'a question for HTTPS': 'trusted NOERROR 1 . alpn=h2,h3 port=8443',
      'a question for a mark': 'trusted NOERROR "heritage=portolan,owner=portolan,record=www"',
      'a question for the zone': expect.stringMatching(/^trusted NOERROR \S+ hostmaster/),
      'a question for nothing': 'trusted NXDOMAIN',
      'a question an hour late': isPowerdns ? 'unsigned NOTAUTH NOERROR' : 'bad-time 3600',
      'a question an hour early': isPowerdns ? 'unsigned NOTAUTH NOERROR' : 'bad-time -3600',
    })
  })

  it.each([299, -299])('is believed %i s from when it was signed', async (seconds) => {
    const capture = findCapture('knot', 'a question for addresses')
    const atMs = capture.atMs + seconds * 1000
    expect((await verify({ ...capture, atMs })).verdict).toBe('trusted')
  })

  it.each([302, -302])('is refused %i s from when it was signed', async (seconds) => {
    const capture = findCapture('knot', 'a question for addresses')
    const atMs = capture.atMs + seconds * 1000
    expect(await verify({ ...capture, atMs })).toEqual({
      verdict: 'refused',
      why: expect.stringMatching(/^it was signed 30\d s from now$/),
    })
  })

  it('to another request is refused', async () => {
    const capture = findCapture('bind', 'a question for addresses')
    const { request } = findCapture('bind', 'a question for a mark')
    expect(await verify({ ...capture, request })).toEqual(wrong('its signature is wrong'))
  })

  it('with a signature that is cut off is refused, however much of it is right', async () => {
    const capture = findCapture('bind', 'a question for addresses')
    const answer = withTsig(capture.answer, (tsig) => ({ ...tsig, mac: tsig.mac.slice(0, 16) }))
    const why = 'its signature has 16 octets instead of 32'
    expect(await verify({ ...capture, answer })).toEqual(wrong(why))
  })

  it('without any signature is not believed, whatever it says', async () => {
    const capture = findCapture('bind', 'a question for addresses')
    const { unsigned } = takeApart(capture.answer)
    expect(tell(await verify({ ...capture, answer: unsigned }))).toBe('unsigned NOERROR NOERROR')
    const answer = withTsig(capture.answer, (tsig) => ({ ...tsig, mac: new Uint8Array() }))
    expect(tell(await verify({ ...capture, answer }))).toBe('unsigned NOERROR NOERROR')
  })

  it.each([
    ['key', { keyName: 'another' }, 'it is signed with the key "another" (hmac-sha256)'],
    ['algorithm', { algorithm: 'hmac-md5' }, 'it is signed with the key "portolan" (hmac-md5)'],
    ['moment', { timeSigned: 1 }, 'its signature is wrong'],
    ['error', { error: 'BADTIME' }, 'its signature is wrong'],
  ])('with another %s than was signed is refused', async (_, change, why) => {
    const capture = findCapture('bind', 'a question for addresses')
    const answer = withTsig(capture.answer, (tsig) => ({ ...tsig, ...change }))
    expect(await verify({ ...capture, answer })).toEqual(wrong(why))
  })

  it('with something behind its signature is refused', async () => {
    const capture = findCapture('bind', 'a question for addresses')
    const answer = Uint8Array.from([...capture.answer, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4])
    new DataView(answer.buffer).setUint16(10, 3)
    expect(await verify({ ...capture, answer })).toEqual(
      wrong('its TSIG record is garbled, or not its last one'),
    )
  })

  it('is refused or means the same, with one bit of it turned', async () => {
    const capture = findCapture('knot', 'a question for a service')
    const whole = await verify(capture)
    const turned = fc.record({
      at: fc.integer({ min: 2, max: capture.answer.length - 1 }),
      bit: fc.nat(7),
    })
    await fc.assert(
      fc.asyncProperty(turned, async ({ at, bit }) => {
        const answer = capture.answer.slice()
        answer[at] = (answer[at] ?? 0) ^ (1 << bit)
        const verified = await verify({ ...capture, answer })
        expect(verified.verdict === 'trusted' ? verified : whole).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('is looked at, whatever the bytes are', async () => {
    const { request } = findCapture('bind', 'a question for addresses')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (answer) => {
        const verified = await verify({ what: '', key: 'portolan', atMs: 0, request, answer })
        expect(verified.verdict).not.toBe('trusted')
      }),
    )
  })
})

describe('every captured message', () => {
  it('is written again with the same meaning', () => {
    const all = CAPTURED_SERVERS.flatMap(readCaptures)
    const read = all.flatMap(({ request, answer }) => [request, answer]).map(messageOf)
    expect(read.map((message) => messageOf(bytesOf(message)))).toEqual(read)
    expect(read).toHaveLength(78)
  })

  it('of nsupdate is an UPDATE with all that was said', () => {
    const { request } = findCapture('bind', 'nsupdate makes records')
    const { questions, opcode, answers, authorities } = messageOf(request)
    expect({ opcode, questions, answers, authorities }).toEqual({
      opcode: 'UPDATE',
      questions: [{ name: 'example.test', type: 'SOA', class: 'IN' }],
      answers: [{ name: 'www.example.test', type: 'A', class: 'NONE', ttl: 0, value: '' }],
      authorities: [
        ['www', 'A', 60, '192.0.2.1'],
        ['www', 'A', 60, '192.0.2.2'],
        ['_sip._tcp', 'SRV', 60, '10 5 5060 www.example.test'],
        ['www', 'HTTPS', 60, '1 . alpn=h2,h3 port=8443'],
        ['_portolan-a.www', 'TXT', 300, '"heritage=portolan,owner=portolan,record=www"'],
      ].map(([label, type, ttl, value]) => ({
        name: `${label}.example.test`,
        type,
        class: 'IN',
        ttl,
        value,
      })),
    })
  })
})

function keyOf(name: string): ReturnType<typeof importKey> {
  return importKey(name as keyof typeof CAPTURE_KEYS)
}

async function importKey(name: keyof typeof CAPTURE_KEYS) {
  const { algorithm, secret } = CAPTURE_KEYS[name]
  const key = await importTsigKey({ name, algorithm }, secret)
  if (!key) throw new Error(`no key ${name}`)
  return key
}

async function verify({ key, atMs, request, answer }: Capture): Promise<Verified> {
  const requestMac = takeApart(request).tsig.mac
  return verifyAnswer(answer, { key: await keyOf(key), requestMac, nowMs: atMs })
}

function tell(verified: Verified, atMs = 0): string {
  switch (verified.verdict) {
    case 'trusted':
      return [
        'trusted',
        verified.message.rcode,
        ...verified.message.answers.map((each) => each.value),
      ].join(' ')
    case 'bad-time':
      return `bad-time ${Math.round((verified.serverMs - atMs) / 10_000) * 10}`
    case 'unsigned':
      return `unsigned ${verified.message.rcode} ${verified.error}`
    case 'refused':
      return `refused: ${verified.why}`
  }
}

function wrong(why: string): Verified {
  return { verdict: 'refused', why }
}

function takeApart(signed: Uint8Array): {
  readonly unsigned: Uint8Array
  readonly tsig: TsigRecord
} {
  const decoded = decodeMessage(signed)
  const tsig = decoded.ok ? readTsig(signed, decoded.lastRecordAt) : undefined
  if (!decoded.ok || !tsig) throw new Error('it is not signed')
  const unsigned = signed.slice(0, decoded.lastRecordAt)
  const view = new DataView(unsigned.buffer)
  view.setUint16(10, view.getUint16(10) - 1)
  return { unsigned, tsig }
}

function withTsig(signed: Uint8Array, change: (tsig: TsigRecord) => TsigRecord): Uint8Array {
  const { unsigned, tsig } = takeApart(signed)
  const bytes = Uint8Array.from([...unsigned, ...writeTsig(change(tsig))])
  const view = new DataView(bytes.buffer)
  view.setUint16(10, view.getUint16(10) + 1)
  return bytes
}

function messageOf(bytes: Uint8Array): DnsMessage {
  const decoded = decodeMessage(bytes)
  if (!decoded.ok) throw new Error(decoded.error)
  return decoded.message
}

function bytesOf(message: DnsMessage): Uint8Array {
  const encoded = encodeMessage(message)
  if (!encoded.ok) throw new Error(encoded.error)
  return encoded.bytes
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
