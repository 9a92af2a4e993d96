import type { ChangeResult } from '../../src/schema/dns-record-set.ts'
import { wait, type Ask } from './api.ts'
import { NO_TIME_LEFT, toUntried } from '../untried.ts'
import type { Answer } from './answer.ts'
import type { HostedZone } from './listing.ts'
import { childOf, element, listOf, textOf, type XmlElement } from './xml.ts'

/** Changes that are made together or not at all: the sets of one name and type with their mark. */
export interface Unit {
  /** Its record, for the comment that the log of AWS keeps. */
  readonly record: string
  /** Each a `Change`. */
  readonly changes: readonly XmlElement[]
}

/** What became of a unit: of one that is done, the change to watch. */
export type Written =
  | { readonly outcome: 'sent'; readonly id: string; readonly sentAtMs: number }
  | ChangeResult

/**
 * Of one request. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-changeresourcerecordsets
 */
const BATCH = { records: 1_000, characters: 32_000 } as const

/** The requests of one call after which no refused batch is halved any more. */
const MOST_WRITES = 50

/** Where units are written to, and until when. */
export interface Writing {
  readonly ask: Ask
  readonly zone: HostedZone
  readonly endsAtMs: number
}

/**
 * Writes units in as few batches as hold them. A batch is made whole or not at all, so that one bad record would hold
 * up all others: a refused batch is halved until what is wrong is alone.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export async function writeUnits(
  { ask, zone, endsAtMs }: Writing,
  units: readonly Unit[],
): Promise<ReadonlyMap<Unit, Written>> {
  const written = new Map<Unit, Written>()
  const queue = toBatches(units)
  for (let writes = 1; queue.length > 0; writes += 1) {
    const batch = queue.shift() ?? []
    if (Date.now() > endsAtMs) {
      for (const unit of [batch, ...queue].flat()) written.set(unit, NO_TIME_LEFT)
      break
    }
    const answer = await sendBatch(ask, zone, batch)
    const half = Math.ceil(batch.length / 2)
    if (isAboutBatch(answer) && half < batch.length && writes < MOST_WRITES) {
      queue.unshift(batch.slice(0, half), batch.slice(half))
      continue
    }
    for (const unit of batch) written.set(unit, toWritten(answer, zone))
    if (answer.ok || isAboutBatch(answer)) continue
    // What stops one batch stops them all: a wrong key, a lost line, too many requests.
    for (const unit of queue.flat()) written.set(unit, toUntried(answer.failure))
    break
  }
  return written
}

/** As many units in one batch as its limits take. A unit that is too large by itself is for Route 53 to refuse. */
function toBatches(units: readonly Unit[]): (readonly Unit[])[] {
  const batches: (readonly Unit[])[] = []
  let room = { records: 0, characters: 0 }
  for (const unit of units) {
    const values = unit.changes.flatMap(toValues)
    const characters = values.reduce((sum, value) => sum + value.length, 0)
    const last = batches.at(-1)
    if (last && values.length <= room.records && characters <= room.characters) {
      batches[batches.length - 1] = [...last, unit]
    } else {
      batches.push([unit])
      room = BATCH
    }
    room = { records: room.records - values.length, characters: room.characters - characters }
  }
  return batches
}

function toValues(change: XmlElement): readonly string[] {
  const records = listOf(childOf(change, 'ResourceRecordSet'), 'ResourceRecords')
  return records.map((record) => textOf(record, 'Value') ?? '')
}

function sendBatch(ask: Ask, { id, name }: HostedZone, batch: readonly Unit[]): Promise<Answer> {
  const records = [...new Set(batch.map(({ record }) => record))]
  return ask({
    doing: `changing records of "${name}"`,
    path: `/hostedzone/${id}/rrset/`,
    body: element('ChangeResourceRecordSetsRequest', [
      element('ChangeBatch', [
        element('Comment', `Portolan: ${records.join(', ')}`.slice(0, 256)),
        element(
          'Changes',
          batch.flatMap(({ changes }) => changes),
        ),
      ]),
    ]),
  })
}

/** Whether it was refused for what stands in it, so that a part of it may pass. */
function isAboutBatch(answer: Answer): boolean {
  // A policy may allow some names and types only, and is asked for the batch as a whole.
  return !answer.ok && (answer.failure.kind === 'refused' || answer.code === 'AccessDenied')
}

/**
 * What Route 53 says when something does not stand as it was seen.
 * https://repost.aws/knowledge-center/troubleshoot-route53-resource-record
 */
const CONFLICT =
  /but (it already exists|it was not found|the values provided do not match)|exists? with the same name and type/

function toWritten(answer: Answer, { name }: HostedZone): Written {
  if (!answer.ok) {
    const { failure, code, isSure } = answer
    if (code === 'InvalidChangeBatch' && CONFLICT.test(failure.detail)) {
      return { outcome: 'conflict', detail: failure.detail }
    }
    return { outcome: isSure ? 'failed' : 'unknown', failure }
  }
  const id = textOf(childOf(answer.value, 'ChangeInfo'), 'Id')?.replace(/^\/change\//, '') ?? ''
  if (/^[A-Za-z0-9]{1,64}$/.test(id)) return { outcome: 'sent', id, sentAtMs: Date.now() }
  const detail = `changing records of "${name}": the answer names no change`
  return { outcome: 'unknown', failure: { kind: 'garbled', detail } }
}

/**
 * Watches changes until all servers of Route 53 have them, for so long at most; gives how long each took, and nothing
 * of one that took longer or cannot be watched.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
 */
export async function watchChanges(
  ask: Ask,
  sent: readonly Extract<Written, { outcome: 'sent' }>[],
  { inSync, pollMs }: { readonly inSync: number; readonly pollMs: number },
): Promise<ReadonlyMap<string, number>> {
  const tookMs = new Map<string, number>()
  const open = new Map(sent.map(({ id, sentAtMs }) => [id, sentAtMs]))
  const untilMs = Date.now() + inSync
  for (let looks = 1; open.size > 0 && Date.now() < untilMs; looks += 1) {
    await wait(Math.min(pollMs * Math.min(looks, 3), untilMs - Date.now()))
    for (const [id, sentAtMs] of open) {
      const answer = await ask({ doing: `watching the change ${id}`, path: `/change/${id}` })
      const status = answer.ok && textOf(childOf(answer.value, 'ChangeInfo'), 'Status')
      if (status === 'INSYNC') tookMs.set(id, Date.now() - sentAtMs)
      if (status === 'INSYNC' || isHopeless(answer)) open.delete(id)
    }
  }
  return tookMs
}

function isHopeless(answer: Answer): boolean {
  return !answer.ok && answer.isSure && answer.failure.kind !== 'rate-limited'
}
