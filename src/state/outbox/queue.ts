import type { Notice } from '../../schema/notice.ts'
import { kindsOf } from './kinds.ts'
import { fit, groupOf, isLasting } from './notice.ts'
import {
  type Matter,
  OUTBOX,
  type OutboxState,
  type QueuedMessage,
  type Receiver,
} from './state.ts'

/** Takes notices in: what is open changes, and each receiver who wants to know gets a message or more of one. */
export function takeNotices(
  state: OutboxState,
  notices: readonly Notice[],
  nowMs: number,
): OutboxState {
  const draft: Draft = {
    sequence: state.outbox.sequence,
    messages: { ...state.messages },
    joinable: joinableIn(state.messages),
  }
  const matters = { ...state.matters }
  for (const notice of notices.map(fit)) {
    note(matters, notice)
    for (const [id, receiver] of Object.entries(state.outbox.receivers)) {
      if (isFor(receiver, notice)) enqueue(draft, { id, receiver, notice }, nowMs)
    }
  }
  const { sequence, messages } = draft
  const outbox = { ...state.outbox, sequence }
  return dropOverflow({ outbox, messages, matters: bounded(matters) })
}

/** Whether a receiver hears of such a notice at all. */
function isFor(receiver: Receiver, { kind, severity, resolves }: Notice): boolean {
  if (!kindsOf(receiver).includes(kind)) return false
  // An event opens an incident, which wakes somebody: what is only good to know does not.
  return receiver.address.type !== 'pagerduty' || resolves || severity !== 'info'
}

function note(matters: Record<string, Matter>, notice: Notice): void {
  const { kind, severity, subject, dedupKey, atMs, resolves } = notice
  if (!resolves && !isLasting(notice)) return
  const before = matters[dedupKey]
  delete matters[dedupKey]
  if (resolves) return
  const sinceMs = before?.sinceMs ?? atMs
  matters[dedupKey] = { group: groupOf(notice), kind, severity, subject, sinceMs }
}

/** Built up while notices are taken in. `joinable`: ids of messages that were never tried, by `placeOf`. */
interface Draft {
  sequence: number
  readonly messages: Record<string, QueuedMessage>
  readonly joinable: Map<string, string>
}

function joinableIn(messages: OutboxState['messages']): Map<string, string> {
  const waiting = Object.entries(messages).filter(([, { message }]) => message === null)
  return new Map(waiting.map(([id, queued]) => [placeOf(queued.receiver, queued.group), id]))
}

function placeOf(receiver: string, group: string): string {
  return `${receiver} ${group}`
}

interface Telling {
  readonly id: string
  readonly receiver: Receiver
  readonly notice: Notice
}

function enqueue(draft: Draft, { id, receiver, notice }: Telling, nowMs: number): void {
  const group = groupOf(notice)
  const place = placeOf(id, group)
  const joined = draft.joinable.get(place)
  const queued = joined === undefined ? undefined : draft.messages[joined]
  if (joined !== undefined && queued !== undefined) {
    draft.messages[joined] = join(queued, notice)
    return
  }
  draft.sequence += 1
  const messageId = `${nowMs.toString(36)}-${draft.sequence.toString(36)}`
  draft.joinable.set(place, messageId)
  draft.messages[messageId] = {
    sequence: draft.sequence,
    receiver: id,
    group,
    notices: [notice],
    omitted: 0,
    createdAtMs: nowMs,
    dueAtMs: nowMs + receiver.groupMs,
    message: null,
  }
}

/** The last word on a matter takes the place of an earlier one. */
function join(queued: QueuedMessage, notice: Notice): QueuedMessage {
  const at = queued.notices.findIndex(({ dedupKey }) => dedupKey === notice.dedupKey)
  if (at >= 0) return { ...queued, notices: queued.notices.with(at, notice) }
  if (queued.notices.length < OUTBOX.listed) {
    return { ...queued, notices: [...queued.notices, notice] }
  }
  // A pool says more than one more of its origins: it takes the place of the last of them.
  const last = queued.notices.findLastIndex(({ subject }) => subject.type === 'origin')
  const notices =
    notice.subject.type === 'pool' && last >= 0 ? queued.notices.with(last, notice) : queued.notices
  return { ...queued, notices, omitted: queued.omitted + 1 }
}

function dropOverflow(state: OutboxState): OutboxState {
  const excess = Object.keys(state.messages).length - OUTBOX.messages
  if (excess <= 0) return state
  const oldest = Object.entries(state.messages)
    .toSorted(([, left], [, right]) => left.sequence - right.sequence)
    .slice(0, excess)
  return oldest.reduce((rest, [id]) => dropMessage(rest, id), state)
}

/** Takes a message out that was never told; the next one to its receiver says that it is missing. */
export function dropMessage(state: OutboxState, id: string): OutboxState {
  const { [id]: queued, ...messages } = state.messages
  const receiver = queued && state.outbox.receivers[queued.receiver]
  if (receiver === undefined) return { ...state, messages }
  const lost = 1 + (queued?.message?.lost ?? 0)
  const { dropped, untold, inFlight } = receiver
  return {
    ...withReceiver(state, queued?.receiver ?? '', {
      dropped: dropped + 1,
      untold: untold + lost,
      inFlight: inFlight?.id === id ? null : inFlight,
    }),
    messages,
  }
}

/** The state with a receiver that changed. */
export function withReceiver(
  state: OutboxState,
  id: string,
  change: Partial<Receiver>,
): OutboxState {
  const receiver = state.outbox.receivers[id]
  if (receiver === undefined) return state
  const receivers = { ...state.outbox.receivers, [id]: { ...receiver, ...change } }
  return { ...state, outbox: { ...state.outbox, receivers } }
}

function bounded(matters: Record<string, Matter>): Record<string, Matter> {
  const entries = Object.entries(matters)
  if (entries.length <= OUTBOX.matters) return matters
  const newest = entries.toSorted(([, left], [, right]) => right.sinceMs - left.sinceMs)
  return Object.fromEntries(newest.slice(0, OUTBOX.matters))
}
