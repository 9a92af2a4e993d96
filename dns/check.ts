import type { CheckResult } from '../src/schema/dns-answer.ts'
import type { DnsProvider } from '../src/schema/dns-provider.ts'
import type { RecordKey, RecordSet } from '../src/schema/dns-record-set.ts'
import { clip } from '../src/state/outbox/notice.ts'
import { toCanonicalValues } from '../src/schema/dns-value.ts'
import type { Dns } from '../src/schema/dns.ts'
import { askNameServer } from './check/ask-name-server.ts'
import { askResolver } from './check/ask-resolver.ts'
import { serversOf } from './check/name-servers.ts'

/** A record whose answers are to be read back. */
export interface Inquiry {
  readonly settings: DnsProvider
  readonly check: Dns['check']
  readonly zone: string
  readonly key: RecordKey
  /** What should stand: the values of one of these are as expected. */
  readonly expected: readonly RecordSet[]
}

/**
 * The platform lets six connections of an object wait for an answer at a time, and a seventh waits on the clock of its
 * own timeout. What is written must not wait for what is looked at.
 */
const AT_ONCE = 3

/** Nobody is asked any more when a check has taken that long. */
const ASKING_MS = 20_000

/** What is kept of an answer, and of why there is none: as much as `CheckResult` has room for. */
const LONGEST = { why: 512, value: 1024, values: 64 } as const

/**
 * Asks the name servers of a zone by DNS over TCP and public resolvers by DNS over HTTPS what they answer for a
 * record. Never throws, and ends within half a minute. What cannot be told from outside is not asked: a CNAME at the
 * top of a zone is answered with the addresses behind it.
 */
export async function checkRecord(inquiry: Inquiry): Promise<readonly CheckResult[]> {
  const { check, key, zone } = inquiry
  if (key.type === 'CNAME' && key.name === zone) return []
  const fromMs = Date.now()
  const servers = await serversOf(inquiry)
  const asks = [
    ...servers.map((target) => ({ target, kind: 'name-server' as const })),
    ...check.resolvers.map((target) => ({ target, kind: 'resolver' as const })),
  ]
  const results: CheckResult[] = []
  for (let at = 0; at < asks.length; at += AT_ONCE) {
    const some = asks.slice(at, at + AT_ONCE)
    results.push(...(await Promise.all(some.map((ask) => lookUp(ask, inquiry, fromMs)))))
  }
  return results
}

type Ask = Pick<CheckResult, 'target' | 'kind'>

const WAYS = { resolver: askResolver, 'name-server': askNameServer } as const

const NOT_ASKED = { ok: false, why: 'it was not asked: those before it took all the time' } as const

async function lookUp(ask: Ask, { key, expected }: Inquiry, fromMs: number): Promise<CheckResult> {
  const reading =
    Date.now() - fromMs > ASKING_MS ? NOT_ASKED : await WAYS[ask.kind](ask.target, key)
  const head = { ...ask, afterMs: Math.max(0, Date.now() - fromMs) }
  if (!reading.ok) return { ...head, outcome: 'failed', why: clip(reading.why, LONGEST.why) }
  const values = toCanonicalValues(key.type, reading.values)
  const ttl = reading.ttl === undefined ? {} : { ttl: reading.ttl }
  const text = JSON.stringify(values)
  const isExpected = expected.some((set) => JSON.stringify(set.values) === text)
  if (isExpected) return { ...head, outcome: 'as-expected', ...ttl }
  const told = values.slice(0, LONGEST.values).map((value) => clip(value, LONGEST.value))
  return { ...head, outcome: 'other', values: told, ...ttl }
}
