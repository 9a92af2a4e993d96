import { companionName, parseMarkText } from '../../src/schema/dns-mark.ts'
import type { RecordKey, RecordSet } from '../../src/schema/dns-record-set.ts'
import { toCanonicalValues } from '../../src/schema/dns-value.ts'
import type { DnsMessage, DnsRecord } from '../message/message.ts'
import { toQuestion } from '../message/question.ts'
import type { Asked } from '../provider.ts'
import type { Reply, Session } from './session.ts'
import { toExistence } from './update.ts'
import { isUnmet, toQueryFailure, toZoneFailure } from './words.ts'

/** What stands for one name and type. */
export interface Standing {
  readonly set?: RecordSet
  /** The value of the TXT beside it, when it is the only one. */
  readonly companion?: string
  /** Why nothing that is written there would ever be answered. */
  readonly obstacle?: string
}

/** Asks for record sets and the marks beside them, all at once, and that the server keeps the zone. */
export async function readStanding(
  session: Session,
  zone: string,
  keys: readonly RecordKey[],
): Promise<Asked<readonly Standing[]>> {
  const questions = keys.flatMap((key) => [
    toQuestion(key),
    toQuestion({ name: companionName(key), type: 'TXT' }),
  ])
  const conversed = await session.ask([toQuestion({ name: zone, type: 'SOA' }), ...questions])
  if (!conversed.ok) return conversed
  const [first] = conversed.replies
  // Knot looks for keys only where it keeps the zone.
  if (first?.ok === false && first.unsigned === 'REFUSED') {
    return { ok: false, failure: toZoneFailure(zone, 'REFUSED, without a signature') }
  }
  const messages = toMessages(conversed.replies)
  if (!messages.ok) return messages
  const [soa, ...answers] = messages.value
  if (!soa || !isOfZone(soa, zone)) {
    return { ok: false, failure: toZoneFailure(zone, soa?.rcode ?? 'SERVFAIL') }
  }
  const wrong = answers.find(({ rcode }) => rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')
  if (wrong) {
    return { ok: false, failure: toQueryFailure(wrong.questions[0]?.name ?? '', wrong.rcode) }
  }
  const standing = keys.map((key, at) => toStanding(key, answers[2 * at], answers[2 * at + 1]))
  return dropSynthesized(session, zone, standing)
}

function toMessages(replies: readonly Reply[]): Asked<readonly DnsMessage[]> {
  const messages: DnsMessage[] = []
  for (const reply of replies) {
    if (!reply.ok) return { ok: false, failure: reply.failure }
    messages.push(reply.message)
  }
  return { ok: true, value: messages }
}

function isOfZone({ rcode, flags, answers }: DnsMessage, zone: string): boolean {
  const hasSoa = answers.some(({ name, type }) => name === zone && type === 'SOA')
  return rcode === 'NOERROR' && flags.includes('authoritative') && hasSoa
}

function toStanding(
  key: RecordKey,
  answer: DnsMessage | undefined,
  beside: DnsMessage | undefined,
): Standing {
  const records = recordsOf(answer, key)
  const companions = recordsOf(beside, { name: companionName(key), type: 'TXT' })
  const [companion] = companions.length === 1 ? companions : []
  const mark = companion && parseMarkText(companion.value)
  const [first] = records
  return {
    ...(first && {
      set: {
        // Not all of `key`: it may be a whole record set, and its mark is not the one that stands.
        name: key.name,
        type: key.type,
        // One with the highest bit set counts as zero (RFC 2181 §8).
        ttl: first.ttl < 2 ** 31 ? first.ttl : 0,
        values: toCanonicalValues(
          key.type,
          records.map(({ value }) => value),
        ),
        ...(mark && { mark }),
      },
    }),
    ...(companion && { companion: companion.value }),
    ...(answer?.flags.includes('authoritative') === false && {
      obstacle: `${key.name} is delegated to other name servers, so that nobody would ask for it here`,
    }),
  }
}

function recordsOf(answer: DnsMessage | undefined, { name, type }: RecordKey): DnsRecord[] {
  const records = answer?.answers ?? []
  return records.filter((record) => record.name === name && record.type === type)
}

/**
 * A wildcard answers for names that are not in the zone. Nothing in an answer tells, so for what has no mark of ours
 * the zone itself is asked, by the prerequisite of an UPDATE that changes nothing. Without a clear "no" it stands.
 */
async function dropSynthesized(
  session: Session,
  zone: string,
  standing: readonly Standing[],
): Promise<Asked<readonly Standing[]>> {
  const doubtful = standing.flatMap(({ set }) => (set && !set.mark ? [set] : []))
  if (doubtful.length === 0) return { ok: true, value: standing }
  const conversed = await session.ask(doubtful.map((set) => toExistence(zone, set)))
  if (!conversed.ok) return conversed
  const absent = new Set(
    doubtful.filter((_, at) => {
      const reply = conversed.replies[at]
      return reply?.ok === true && isUnmet(reply.message.rcode)
    }),
  )
  const value = standing.map((each) => (each.set && absent.has(each.set) ? {} : each))
  return { ok: true, value }
}
