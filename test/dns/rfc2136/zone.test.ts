import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DnsMessage, DnsRecord } from '../../../dns/message/message.ts'
import type { DnsRequest } from '../../../dns/message/question.ts'
import type { DnsZone } from '../../../dns/provider.ts'
import type { Session } from '../../../dns/rfc2136/session.ts'
import { createUpdatedZone } from '../../../dns/rfc2136/zone.ts'

const ZONE = 'example.com'
const SOA = {
  name: ZONE,
  type: 'SOA',
  class: 'IN',
  ttl: 60,
  value: 'ns1.example.com hostmaster.example.com 1 3600 600 86400 60',
}
const change = {
  record: 'www',
  reason: 'a test',
  after: {
    name: 'www.example.com',
    type: 'A' as const,
    ttl: 60,
    values: ['192.0.2.1'],
    mark: { owner: 'portolan', record: 'www' },
  },
}

/** A conversation with a server that keeps these records, and answers every UPDATE with one rcode. */
function converse(
  records: readonly DnsRecord[],
  rcode: string,
  onAsk: (request: DnsRequest) => void = () => {},
): Session {
  const answer = (request: DnsRequest): DnsMessage => {
    onAsk(request)
    const [question] = request.questions
    if (request.opcode === 'UPDATE') return { ...request, id: 0, flags: ['response'], rcode }
    const answers = [SOA, ...records].filter(
      ({ name, type }) => name === question?.name && type === question.type,
    )
    return { ...request, id: 0, flags: ['response', 'authoritative'], answers }
  }
  return {
    async ask(requests) {
      return { ok: true, replies: requests.map((each) => ({ ok: true, message: answer(each) })) }
    },
    async close() {},
  }
}

function open(...told: Parameters<typeof converse>): DnsZone {
  return createUpdatedZone(ZONE, async () => ({ ok: true, value: converse(...told) }))
}

afterEach(() => vi.useRealTimers())

it('ends each conversation that it opened, whatever came of it', async () => {
  let left = 0
  const zone = createUpdatedZone(ZONE, async () => {
    left += 1
    const close = async () => void (left -= 1)
    const failure = { kind: 'timed-out', detail: 'silence' } as const
    const ask = async () => ({ ok: false, sent: true, failure }) as const
    const good = { ...converse([], 'REFUSED'), close }
    return { ok: true, value: left === 1 ? good : { ask, close } }
  })
  const calls = [zone.read([]), zone.read([]), zone.apply([change]), zone.apply([change])]
  await Promise.all(calls)
  expect(left).toBe(0)
})

it('takes a TTL with its highest bit for zero (RFC 2181 §8)', async () => {
  const odd = { name: 'www.example.com', type: 'A', class: 'IN', ttl: 2 ** 31, value: '192.0.2.1' }
  const asked = await open([odd], 'NOERROR').read([{ name: 'www.example.com', type: 'A' }])
  expect(asked).toMatchObject({ value: [{ ttl: 0, values: ['192.0.2.1'] }] })
})

describe('an UPDATE', () => {
  it('that ends with SERVFAIL may have been passed on, and made, by the primary', async () => {
    expect(await open([], 'SERVFAIL').apply([change])).toMatchObject([
      { outcome: 'unknown', failure: { kind: 'unavailable' } },
    ])
  })

  it('is not begun when the look before it took all the time that there is', async () => {
    vi.useFakeTimers()
    const opcodes: string[] = []
    const zone = open([], 'NOERROR', ({ opcode }) => {
      opcodes.push(opcode)
      vi.setSystemTime(Date.now() + 10_001)
    })
    expect(await zone.apply([change])).toMatchObject([
      { outcome: 'failed', failure: { kind: 'timed-out' } },
    ])
    expect(opcodes).toEqual(['QUERY', 'QUERY', 'QUERY'])
  })
})
