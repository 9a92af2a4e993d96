import type { PurgeEstimate } from '../schema/cache-report.ts'
import { type PurgeIndex, purgeOf } from '../core/purge.ts'
import { type Memory, residentsOf } from './memory.ts'

/** What is estimated from, and by which purges. */
export interface Estimating {
  readonly memory: Memory
  /** Those in force: what they made gone does not go once more. */
  readonly known: PurgeIndex
  /** The one that is asked about, newer than all else. */
  readonly asked: PurgeIndex
}

/** Estimates what a purge meets, by what the memory of one isolate holds. Walks through all of it. */
export function estimatePurge({ memory, known, asked }: Estimating, nowMs: number): PurgeEstimate {
  const met = { entries: 0, bytes: 0, requestsPerMinute: 0 }
  const all = { ofEntries: 0, ofBytes: 0 }
  for (const [, resident, bytes] of residentsOf(memory)) {
    if (resident.type !== 'answer') continue
    all.ofEntries += 1
    all.ofBytes += bytes
    const { head, hits } = resident
    if (purgeOf(known, head) === 'hard' || purgeOf(asked, head) === 'none') continue
    met.entries += 1
    met.bytes += bytes
    const minutes = Math.max(1, (nowMs - head.receivedAtMs) / 60_000)
    met.requestsPerMinute += hits / minutes
  }
  const rounded = { ...met, requestsPerMinute: Math.round(met.requestsPerMinute * 10) / 10 }
  return { ...rounded, ...all, words: wordsOf(rounded, all) }
}

type Met = Pick<PurgeEstimate, 'entries' | 'requestsPerMinute'>

function wordsOf(
  { entries, requestsPerMinute }: Met,
  { ofEntries }: { ofEntries: number },
): string {
  const held = `the memory of the one isolate that answered holds ${entries} answers that it meets, of ${ofEntries}`
  const rate = `they answered ${requestsPerMinute} requests a minute here`
  return `${held}; ${rate}. Other isolates, data centres, KV and shields hold more: the origins may get as many times that as there are isolates, until it is stored anew.`
}
