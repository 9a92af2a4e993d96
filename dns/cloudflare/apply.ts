import type { ChangeResult, DnsChange, DnsFailure } from '../../src/schema/dns-record-set.ts'
import { readyToWrite } from '../precondition.ts'
import { NO_TIME_LEFT, toUntried } from '../untried.ts'
import { askCloudflare, type CloudflareAnswer, type OpenedZone } from './api.ts'
import { type Batch, LARGEST_BATCH, mergeBatches, planBatch, sizeOf } from './batch.ts'
import { CONFLICTS } from './error.ts'
import { asItStands, type StandingSet, toKeyText } from './record.ts'

/** A change that is to be written, where it stands among all of them, and how. */
interface Step {
  readonly at: number
  readonly batch: Batch
}

type Judged = { readonly result: ChangeResult } | { readonly batch: Batch }

/**
 * Writes what still stands as it was, in as few batches as possible. A batch is all or nothing: one that is refused
 * is made again change by change, so that a wrong one keeps no other back. After any other failure, and when the
 * time for writing is over, nothing more is asked.
 */
export async function applyChanges(
  zone: OpenedZone,
  changes: readonly DnsChange[],
  standing: ReadonlyMap<string, StandingSet>,
): Promise<readonly ChangeResult[]> {
  const results: ChangeResult[] = []
  const steps: Step[] = []
  for (const [at, change] of changes.entries()) {
    const judged = judge(change, standing)
    if ('result' in judged) results[at] = judged.result
    else steps.push({ at, batch: judged.batch })
  }
  const queue = toGroups(steps)
  for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
    if (Date.now() > zone.session.writesUntilMs) {
      for (const { at } of [group, ...queue.splice(0)].flat()) results[at] = NO_TIME_LEFT
      break
    }
    const answer = await sendBatch(zone, group)
    if (!answer.ok && answer.failure.kind === 'refused' && group.length > 1) {
      queue.unshift(...group.map((step) => [step]))
      continue
    }
    const result = toResult(answer)
    for (const { at } of group) results[at] = result
    if (answer.ok || answer.failure.kind === 'refused') continue
    for (const { at } of queue.splice(0).flat()) results[at] = toUntried(answer.failure)
  }
  return results
}

/** A result for what was surely not written. */
export function toFailed(failure: DnsFailure): ChangeResult {
  return { outcome: 'failed', failure }
}

function judge(change: DnsChange, standing: ReadonlyMap<string, StandingSet>): Judged {
  const { before, after } = change
  const key = after ?? before
  const current = key && standing.get(toKeyText(key))
  const settled = {
    ...change,
    ...(before && { before: asItStands(before) }),
    ...(after && { after: asItStands(after) }),
  }
  const ready = readyToWrite(settled, current?.set)
  if (ready.outcome !== 'write') return { result: ready }
  if (after?.values.length !== 0 && after?.variant === undefined) {
    return { batch: planBatch(current?.records ?? [], after) }
  }
  const detail =
    'a record set at Cloudflare has values, and it is the only one of its name and type'
  return { result: toFailed({ kind: 'refused', detail }) }
}

/** Steps in their order, as many together as one batch may touch. */
function toGroups(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  let room = 0
  for (const step of steps) {
    const size = sizeOf(step.batch)
    if (size > room) {
      groups.push([])
      room = LARGEST_BATCH
    }
    room -= size
    groups.at(-1)?.push(step)
  }
  return groups
}

function sendBatch({ session, zoneId }: OpenedZone, group: readonly Step[]) {
  return askCloudflare(session, {
    aim: 'change the records',
    method: 'POST',
    path: `/zones/${zoneId}/dns_records/batch`,
    body: mergeBatches(group.map(({ batch }) => batch)),
  })
}

function toResult(answer: CloudflareAnswer): ChangeResult {
  if (answer.ok) return { outcome: 'done' }
  const { failure, codes } = answer
  switch (failure.kind) {
    case 'timed-out':
    case 'unavailable':
    case 'garbled':
      return { outcome: 'unknown', failure }
    case 'refused':
      if (!codes.some((code) => CONFLICTS.includes(code))) return toFailed(failure)
      return { outcome: 'conflict', detail: failure.detail }
    case 'no-secret':
    case 'unauthorized':
    case 'no-zone':
    case 'rate-limited':
      return toFailed(failure)
  }
}
