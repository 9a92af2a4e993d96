import type { DnsRecord } from '../../schema/dns.ts'
import type { ReadAnswers } from '../../schema/dns-origin.ts'
import { hashText } from '../kernel/hash.ts'
import { rendezvous } from '../kernel/rendezvous.ts'
import type { Serving } from './line.ts'

/** What a pool can answer with: canonical values, the first choice first, as many as the record has room for. */
export interface Answering extends Serving {
  readonly values: readonly string[]
}

/** A record, what it is called, and what origins are in it. */
export interface NamedRecord {
  readonly id: string
  readonly record: DnsRecord
  readonly readAnswers: ReadAnswers
}

/** The most values of a set of this record: of a CNAME there is one (RFC 1034 §3.6.2). */
export function mostOf({ type, most }: DnsRecord): number {
  return type === 'CNAME' ? 1 : most
}

/**
 * What the pools of a line can answer with, those left out that have no answer of the type, and no value twice. Which
 * values go first hangs on the record and the value alone: when one leaves, no other does.
 */
export function answeringOf(named: NamedRecord, pools: readonly Serving[]): Answering[] {
  const taken = new Set<string>()
  return pools.flatMap((serving) => {
    const candidates = candidatesOf(named, serving).filter(({ value }) => !taken.has(value))
    const values = ranked(named, candidates)
    for (const value of values) taken.add(value)
    return values.length === 0 ? [] : [{ ...serving, values }]
  })
}

interface Candidate {
  readonly value: string
  readonly weight: number
}

function candidatesOf({ record, readAnswers }: NamedRecord, { origins }: Serving): Candidate[] {
  const weights = new Map<string, number>()
  for (const origin of origins) {
    for (const value of readAnswers(record, origin)) {
      weights.set(value, Math.max(origin.weight, weights.get(value) ?? 0))
    }
  }
  return [...weights].map(([value, weight]) => ({ value, weight }))
}

function ranked({ id, record }: NamedRecord, candidates: readonly Candidate[]): string[] {
  const weighed = {
    hashes: candidates.map(({ value }) => hashText(value)),
    weights: candidates.map(({ weight }) => weight),
  }
  const meeting = { key: hashText(id), take: mostOf(record) }
  const order = rendezvous(weighed, [...candidates.keys()], meeting)
  return order.flatMap((position) => candidates[position]?.value ?? [])
}
