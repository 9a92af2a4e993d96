import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DnsMessage } from '../../../dns/message/message.ts'
import type { DnsRequest } from '../../../dns/message/question.ts'
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

/** A server that keeps an empty zone, and answers every UPDATE with one rcode. */
function openEmpty(rcode: string, onAsk: (request: DnsRequest) => void = () => {}) {
  const answer = (request: DnsRequest): DnsMessage => {
    onAsk(request)
    const [question] = request.questions
    if (request.opcode === 'UPDATE') return { ...request, id: 0, flags: ['response'], rcode }
    const answers = question?.type === 'SOA' ? [SOA] : []
    return { ...request, id: 0, flags: ['response', 'authoritative'], answers }
  }
  const session: Session = {
    async ask(requests) {
      return { ok: true, replies: requests.map((each) => ({ ok: true, message: answer(each) })) }
    },
    async close() {},
  }
  return createUpdatedZone(ZONE, async () => ({ ok: true, value: session }))
}

afterEach(() => vi.useRealTimers())

describe('an UPDATE', () => {
  it('that ends with SERVFAIL may have been passed on, and made, by the primary', async () => {
    expect(await openEmpty('SERVFAIL').apply([change])).toMatchObject([
      { outcome: 'unknown', failure: { kind: 'unavailable' } },
    ])
  })

  it('is not begun when the look before it took all the time that there is', async () => {
    vi.useFakeTimers()
    const opcodes: string[] = []
    const zone = openEmpty('NOERROR', ({ opcode }) => {
      opcodes.push(opcode)
      vi.setSystemTime(Date.now() + 10_001)
    })
    expect(await zone.apply([change])).toMatchObject([
      { outcome: 'failed', failure: { kind: 'timed-out' } },
    ])
    expect(opcodes).toEqual(['QUERY', 'QUERY', 'QUERY'])
  })
})
