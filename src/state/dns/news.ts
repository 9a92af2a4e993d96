import type { Actor, Deed } from '../../schema/deed.ts'
import { NOBODY } from '../../schema/deed.ts'
import type { DnsNews } from '../../schema/dns-news.ts'
import type { DnsChange, RecordSet } from '../../schema/dns-record-set.ts'
import { toZoneId, type ZoneName } from '../../schema/dns-zone.ts'
import { NOTICE_LIMITS, type Notice } from '../../schema/notice.ts'
import { clip } from '../outbox/notice.ts'
import { isOfAnswers } from './difference.ts'
import { ZONE, type ZoneState } from './state.ts'

/** What is to be told, before it has a number. */
export type Word = Pick<DnsNews, 'deed' | 'notice'>

/** What a change and an entry of the audit log have room for. */
export const LONGEST_REASON = 1024

/**
 * The state with more news. They are numbered as they are told to the control object, which takes each number once.
 * Numbers begin at the time, so that an object that has lost all it knew does not give out old ones again.
 */
export function withNews(state: ZoneState, words: readonly Word[], nowMs: number): ZoneState {
  if (words.length === 0) return state
  let { sequence } = state
  const items = words.map((word): [string, DnsNews] => {
    sequence = sequence === 0 ? Math.max(1, Math.trunc(nowMs)) : sequence + 1
    return [String(sequence), { sequence, atMs: nowMs, ...word }]
  })
  const all = { ...state.news, ...Object.fromEntries(items) }
  return { ...state, sequence, news: newest(all) }
}

function newest(news: ZoneState['news']): ZoneState['news'] {
  const items = Object.values(news)
  if (items.length <= ZONE.news) return news
  const kept = items.toSorted((left, right) => right.sequence - left.sequence).slice(0, ZONE.news)
  return Object.fromEntries(kept.map((item) => [String(item.sequence), item]))
}

/** What is told of changes of one record that were made: each to the audit log, other answers to operators, too. */
export function madeWords(changes: readonly DnsChange[], whose: Made): readonly Word[] {
  const deeds = changes.map((change) => ({ deed: changeDeed(change) }))
  const answers = changes.filter(isOfAnswers)
  const { zone, record, nowMs } = whose
  const [first] = answers
  if (first === undefined || zone === null) return deeds
  const before = valuesIn(answers.map((change) => change.before))
  const after = valuesIn(answers.map((change) => change.after))
  const title = `DNS record ${record} answers ${after}`
  const text = `${before} → ${after}: ${first.reason}`
  const said = { severity: 'info', title, text, resolves: false } as const
  const saying = { matter: 'changed', zone, record, ...said }
  return [...deeds, { notice: noticeOf(saying, nowMs) }]
}

/** Of what record changes were made, and when it was known. */
export interface Made {
  readonly zone: ZoneName | null
  readonly record: string
  readonly nowMs: number
}

function valuesIn(sets: readonly (RecordSet | undefined)[]): string {
  return sets.flatMap((set) => set?.values ?? []).join(', ') || 'nothing'
}

function changeDeed({ record, before, after, reason }: DnsChange): Deed {
  return {
    action: 'dns.change',
    target: `record:${record}`,
    actor: NOBODY,
    reason: clip(reason, LONGEST_REASON),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }
}

/** A freeze, or the end of one. */
export interface Freezing {
  readonly record: string
  readonly frozen: boolean
  readonly reason: string
  readonly by: Actor
}

/** The entry of the audit log for it. */
export function freezeDeed({ record, frozen, reason, by }: Freezing): Deed {
  const action = frozen ? 'dns.freeze' : 'dns.unfreeze'
  return {
    action,
    target: `record:${record}`,
    actor: by,
    reason: clip(reason, LONGEST_REASON),
    before: { frozen: !frozen },
    after: { frozen },
  }
}

/** What a notice says; who it is about is the record, or else the zone. */
export interface Saying extends Pick<Notice, 'severity' | 'title' | 'text' | 'resolves'> {
  /** "failing", "apart": one matter of one subject. */
  readonly matter: string
  readonly record?: string
  readonly zone: ZoneName
}

/** A notice for operators. */
export function noticeOf(saying: Saying, nowMs: number): Notice {
  const { matter, record, zone, severity, title, text, resolves } = saying
  const zoneId = clip(toZoneId(zone), NOTICE_LIMITS.id)
  const about = record === undefined ? zoneId : `record:${record}`
  const dedupKey = clip(`dns:${matter}:${about}`, NOTICE_LIMITS.dedupKey)
  return {
    id: clip(`${dedupKey}:${nowMs}:${resolves ? 'over' : 'on'}`, NOTICE_LIMITS.id),
    kind: 'dns',
    severity,
    subject:
      record === undefined
        ? { type: 'zone', id: zoneId }
        : { type: 'record', id: record, zone: zoneId },
    title: clip(title, NOTICE_LIMITS.title),
    text: clip(text, NOTICE_LIMITS.text),
    dedupKey,
    resolves,
    atMs: nowMs,
  }
}
