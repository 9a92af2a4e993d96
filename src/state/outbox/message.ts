import type { Message, Notice, Severity } from '../../schema/notice.ts'
import { kindsOf } from './kinds.ts'
import { clip, isLasting, worse } from './notice.ts'
import type { Matter, OutboxState, QueuedMessage } from './state.ts'

/** The most of a title (PagerDuty takes 1,024 characters of summary) and of a text. */
const LONGEST = { title: 512, text: 8192 } as const

/**
 * What a queued message says, as things stand now; `undefined` when there is nothing to say to this receiver:
 * an incident stays open while anything of its group does, and is not told of each recovery.
 */
export function toMessage(
  state: OutboxState,
  id: string,
  queued: QueuedMessage,
): Message | undefined {
  const receiver = state.outbox.receivers[queued.receiver]
  if (receiver === undefined) return undefined
  const open = Object.values(state.matters).filter(
    ({ group, kind }) => group === queued.group && kindsOf(receiver).includes(kind),
  )
  const action = actionOf(queued, open)
  if (receiver.address.type === 'pagerduty' && !isIncident(action, queued)) return undefined
  const { notices, omitted, createdAtMs } = queued
  return {
    id,
    source: state.outbox.source,
    action,
    severity: severityOf(queued, open),
    title: clip(titleOf(queued, open), LONGEST.title),
    text: clip(textOf(queued, receiver.untold), LONGEST.text),
    dedupKey: `${state.outbox.source}/${queued.group}`,
    notices,
    omitted,
    lost: receiver.untold,
    createdAtMs,
  }
}

function actionOf({ notices }: QueuedMessage, open: readonly Matter[]): Message['action'] {
  if (open.length > 0) return 'trigger'
  const alarms = notices.filter(({ resolves, severity }) => !resolves && severity !== 'info')
  if (alarms.some((notice) => !isLasting(notice))) return 'trigger'
  return notices.some(({ resolves }) => resolves) ? 'resolve' : 'inform'
}

/** Whether a message changes an incident: something went wrong, or all is well. */
function isIncident(action: Message['action'], { notices }: QueuedMessage): boolean {
  if (action !== 'trigger') return action === 'resolve'
  return notices.some(({ resolves, severity }) => !resolves && severity !== 'info')
}

function severityOf({ notices }: QueuedMessage, open: readonly Matter[]): Severity {
  const news = notices.filter(({ resolves }) => !resolves)
  const those = open.length > 0 ? open : news
  return those.reduce<Severity>((worst, { severity }) => worse(worst, severity), 'info')
}

function titleOf(queued: QueuedMessage, open: readonly Matter[]): string {
  const { notices, omitted, group } = queued
  const last = notices.at(-1)?.title ?? group
  const count = notices.length + omitted
  if (count > 1 && group.startsWith('zone:')) {
    return `zone ${group.slice('zone:'.length)}: ${count} notices, the last: ${last}`
  }
  if (count === 1 || !group.startsWith('pool:')) return last
  const pool = group.slice('pool:'.length)
  const lead = notices.findLast(
    ({ subject, resolves, kind }) =>
      subject.type === 'pool' && kind === 'health' && resolves === (open.length === 0),
  )
  const subject = lead?.title ?? `pool ${pool}`
  const origins = open.filter((matter) => matter.kind === 'health' && isOfOrigin(matter))
  if (origins.length > 0) return `${subject}: ${countOf(origins)}`
  const recovered = notices.filter((notice) => notice.kind === 'health' && isOfOrigin(notice))
  if (open.length > 0 || recovered.length === 0) {
    return lead?.title ?? `${subject}: ${count} notices`
  }
  return `${subject}: ${recovered.length + omitted} of its origins recovered`
}

function isOfOrigin({ subject }: Pick<Notice, 'subject'>): boolean {
  return subject.type === 'origin'
}

/** "3 of 3 origins unhealthy since 12:00:03 UTC". */
function countOf(origins: readonly Matter[]): string {
  const all = origins.findLast(({ subject }) => subject.origins !== undefined)?.subject.origins
  const isWorst = origins.every(({ severity }) => severity === 'error' || severity === 'critical')
  const since = Math.min(...origins.map(({ sinceMs }) => sinceMs))
  const count = all === undefined ? `${origins.length}` : `${origins.length} of ${all}`
  const noun = (all ?? origins.length) === 1 ? 'origin' : 'origins'
  return `${count} ${noun} ${isWorst ? 'unhealthy' : 'not healthy'} since ${toTimeOfDay(since)}`
}

function toTimeOfDay(atMs: number): string {
  const seconds = Math.floor(atMs / 1000)
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')} UTC`
}

function textOf({ notices, omitted }: QueuedMessage, lost: number): string {
  const [only] = notices
  const lines =
    only !== undefined && notices.length === 1
      ? [only.text]
      : notices.map(({ title, text }) => `- ${title}${text === '' ? '' : `: ${text}`}`)
  if (omitted > 0) lines.push(`- and ${omitted} more`)
  if (lost > 0) lines.push(`(${lost} earlier messages to this receiver were dropped)`)
  return lines.filter((line) => line !== '').join('\n')
}
