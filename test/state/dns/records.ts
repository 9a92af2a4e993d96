import type { CheckResult } from '../../../src/schema/dns-answer.ts'
import type { RecordSet, WantedRecord } from '../../../src/schema/dns-record-set.ts'
import type { ZoneEffect } from '../../../src/state/dns/event.ts'
import { keyText } from '../../../src/state/dns/record-set.ts'
import type { RecordTerms } from '../../../src/state/dns/terms.ts'

export const ZONE_NAME = { provider: 'main', zone: 'example.com' }
export const NOON_MS = Date.UTC(2026, 10, 21, 12)
export const OWNER = 'portolan'

/** What guards go by where a test says nothing else. */
export const TERMS: RecordTerms = {
  route: 'web',
  minimumAnswers: 1,
  settleMs: 30_000,
  holdMs: 120_000,
  dryRun: false,
}

/** An A record set of ours, by the last numbers of its addresses. */
export function setOf(
  record: string,
  hosts: readonly number[],
  more: Partial<RecordSet> = {},
): RecordSet {
  const values = hosts.map((host) => `192.0.2.${host}`).toSorted()
  const mark = { owner: OWNER, record }
  return { name: `${record}.example.com`, type: 'A', ttl: 60, values, mark, ...more }
}

/** A set that is not ours. */
export function unmarked({ name, type, ttl, values }: RecordSet): RecordSet {
  return { name, type, ttl, values }
}

/** What is wanted of a record. */
export function wantedOf(
  record: string,
  hosts: readonly number[],
  more: Partial<WantedRecord> & { readonly ttl?: number } = {},
): WantedRecord {
  const { ttl = 60, ...rest } = more
  const key = { name: `${record}.example.com`, type: 'A' } as const
  const sets = hosts.length === 0 ? [] : [setOf(record, hosts, { ttl })]
  return { record, key, sets, degraded: false, reason: 'as decided', ...rest }
}

/** What a name server that knows what stands answers, for the effect `check`. */
export function answerIn(
  sets: readonly RecordSet[],
  { key, expected }: Extract<ZoneEffect, { type: 'check' }>,
  who: Pick<CheckResult, 'target' | 'kind' | 'afterMs'> = NAME_SERVER,
): CheckResult {
  const there = sets.filter((set) => keyText(set) === keyText(key))
  const values = there.flatMap((set) => set.values)
  const isExpected = expected.some((set) => String(set.values) === String(values))
  return isExpected ? { ...who, outcome: 'as-expected' } : { ...who, outcome: 'other', values }
}

const NAME_SERVER = { target: 'ns1.example.com:53', kind: 'name-server', afterMs: 5 } as const
