import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../dns/check/query.ts'
import { type DnsMessage, encodeMessage } from '../../dns/message/message.ts'
import { toQuestion } from '../../dns/message/question.ts'

const QUERY = { name: 'www.example.com', type: 'A' } as const
const RECORD = { ...QUERY, class: 'IN', ttl: 60, value: '192.0.2.1' }

/** What is read of an answer that is right but for this, where it must come from who keeps the zone. */
function read(wrong: Partial<DnsMessage>) {
  const flags = ['response', 'authoritative'] as const
  const encoded = encodeMessage({ ...toQuestion(QUERY, flags), id: 7, answers: [RECORD], ...wrong })
  if (!encoded.ok) throw new Error(encoded.error)
  return readAnswer(encoded.bytes, QUERY, { id: 7, needs: ['authoritative'] })
}

describe('the answer of a name server', () => {
  it('is its values and the least of their times to live', () => {
    const other = { ...RECORD, ttl: 17, value: '192.0.2.2' }
    const values = ['192.0.2.1', '192.0.2.2']
    expect(read({ answers: [RECORD, other] })).toEqual({ ok: true, values, ttl: 17 })
  })

  it.each<[string, Partial<DnsMessage>, string]>([
    ['with another id', { id: 8 }, 'another question'],
    ['that is a question', { flags: ['authoritative'] }, 'another question'],
    ['to another name', toQuestion({ ...QUERY, name: 'a.example.com' }, ['response']), 'another'],
    ['from who does not keep the zone', { flags: ['response'] }, 'does not keep this zone'],
    ['that is cut short', { flags: ['response', 'authoritative', 'truncated'] }, 'cut short'],
    ['that refuses', { rcode: 'REFUSED' }, 'REFUSED'],
  ])('is none %s', (_, wrong, why) => {
    expect(read(wrong)).toEqual({ ok: false, why: expect.stringContaining(why) })
  })
})
