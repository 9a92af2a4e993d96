import type { Message } from '../schema/notice.ts'
import type { Address } from '../schema/notification.ts'
import { toMessage } from './outbox-message.ts'
import { dropMessage, withReceiver } from './outbox-queue.ts'
import {
  isAhead,
  OUTBOX,
  type OutboxState,
  type QueuedMessage,
  type Receiver,
} from './outbox-state.ts'

/** One attempt to deliver. It may be lost, or made twice: the id of the message stays the same. */
export interface OutboxEffect {
  readonly type: 'deliver'
  /** The id of the notification in the configuration. */
  readonly receiver: string
  readonly message: Message
  readonly address: Address
}

/** Starts what is due: of each receiver the oldest message, one at a time. */
export function sendDue(
  state: OutboxState,
  nowMs: number,
): readonly [OutboxState, readonly OutboxEffect[]] {
  const effects: OutboxEffect[] = []
  let next = state
  for (const receiver of Object.keys(headsOf(state))) {
    const [sent, effect] = sendNext(next, receiver, nowMs)
    next = sent
    if (effect !== undefined) effects.push(effect)
  }
  return [next, effects]
}

/** When there is something to do again. */
export function nextSendMs(state: OutboxState): number | undefined {
  const times = Object.values(headsOf(state)).map(([, queued]) => {
    const receiver = state.outbox.receivers[queued.receiver]
    if (receiver === undefined) return queued.dueAtMs
    return receiver.inFlight?.untilMs ?? Math.max(queued.dueAtMs, receiver.notBeforeMs)
  })
  return times.length === 0 ? undefined : Math.min(...times)
}

type Head = readonly [id: string, queued: QueuedMessage]

/** The oldest message of each receiver that has one. */
function headsOf({ messages }: OutboxState): Readonly<Record<string, Head>> {
  const heads: Record<string, Head> = {}
  for (const [id, queued] of Object.entries(messages)) {
    const head = heads[queued.receiver]
    if (head === undefined || queued.sequence < head[1].sequence)
      heads[queued.receiver] = [id, queued]
  }
  return heads
}

function sendNext(
  state: OutboxState,
  id: string,
  nowMs: number,
): readonly [OutboxState, OutboxEffect | undefined] {
  const receiver = state.outbox.receivers[id]
  const head = headsOf(state)[id]
  if (receiver === undefined || head === undefined || isWaiting(receiver, head[1], nowMs)) {
    return [state, undefined]
  }
  const [messageId, queued] = head
  if (nowMs - queued.createdAtMs > OUTBOX.lifeMs) {
    return sendNext(dropMessage(state, messageId), id, nowMs)
  }
  const message = queued.message ?? toMessage(state, messageId, queued)
  if (message === undefined) {
    const { [messageId]: _, ...messages } = state.messages
    return sendNext({ ...state, messages }, id, nowMs)
  }
  const inFlight = { id: messageId, untilMs: nowMs + OUTBOX.leaseMs }
  // A first attempt tells of what was dropped; that message then carries the count.
  const untold = queued.message === null ? 0 : receiver.untold
  const sent = withReceiver(state, id, { inFlight, untold })
  const messages = { ...sent.messages, [messageId]: { ...queued, message } }
  const effect = { type: 'deliver', receiver: id, message, address: receiver.address } as const
  return [{ ...sent, messages }, effect]
}

function isWaiting(
  { inFlight, notBeforeMs, groupMs }: Receiver,
  { dueAtMs, message }: QueuedMessage,
  nowMs: number,
): boolean {
  if (inFlight !== null && isAhead(inFlight.untilMs, nowMs, OUTBOX.leaseMs)) return true
  if (isAhead(notBeforeMs, nowMs, OUTBOX.longestRetryAfterMs)) return true
  return message === null && isAhead(dueAtMs, nowMs, groupMs)
}
