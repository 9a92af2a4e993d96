import type { Message } from '../../schema/notice.ts'
import type { Address } from '../../schema/notification.ts'
import { isAhead } from '../ahead.ts'
import { toMessage } from './message.ts'
import { dropMessage, withReceiver } from './queue.ts'
import { OUTBOX, type OutboxState, type QueuedMessage, type Receiver } from './state.ts'

/** One attempt to deliver. It may be lost, or made twice: the id of the message stays the same. */
export interface OutboxEffect {
  readonly type: 'deliver'
  /** The id of the notification in the configuration. */
  readonly receiver: string
  readonly message: Message
  readonly address: Address
}

/** Starts what is due: of each receiver the oldest message, one at a time, and few receivers at once. */
export function sendDue(
  state: OutboxState,
  nowMs: number,
): readonly [OutboxState, readonly OutboxEffect[]] {
  const effects: OutboxEffect[] = []
  let next = forgetLost(state, nowMs)
  const { receivers } = next.outbox
  let free = OUTBOX.atOnce - Object.values(receivers).filter(({ inFlight }) => inFlight).length
  // Who has waited longest goes first.
  const times = Object.entries(nextAttempts(next)).toSorted(([, left], [, right]) => left - right)
  for (const [receiver] of times) {
    if (free <= 0) break
    const [sent, effect] = sendNext(next, receiver, nowMs)
    next = sent
    if (effect === undefined) continue
    effects.push(effect)
    free -= 1
  }
  return [next, effects]
}

/** When there is something to do again. */
export function nextSendMs(state: OutboxState): number | undefined {
  const leases = Object.values(state.outbox.receivers).flatMap(
    ({ inFlight }) => inFlight?.untilMs ?? [],
  )
  const times = leases.length >= OUTBOX.atOnce ? leases : Object.values(nextAttempts(state))
  return times.length === 0 ? undefined : Math.min(...times)
}

/** When each receiver that has a message is tried next, if nothing is heard before. */
export function nextAttempts(state: OutboxState): Readonly<Record<string, number>> {
  const times = Object.entries(headsOf(state)).map(([id, [, { dueAtMs }]]): [string, number] => {
    const receiver = state.outbox.receivers[id]
    if (receiver === undefined) return [id, dueAtMs]
    return [id, receiver.inFlight?.untilMs ?? Math.max(dueAtMs, receiver.notBeforeMs)]
  })
  return Object.fromEntries(times)
}

/** Attempts of which nothing was heard in their time are over, and those who waited meanwhile go first. */
function forgetLost(state: OutboxState, nowMs: number): OutboxState {
  const lastError = { why: 'the attempt was cut short', atMs: nowMs }
  let next = state
  for (const [id, { inFlight, failures }] of Object.entries(state.outbox.receivers)) {
    if (inFlight === null || isAhead(inFlight.untilMs, nowMs, OUTBOX.leaseMs)) continue
    const lost = { inFlight: null, failures: failures + 1, lastError, notBeforeMs: nowMs }
    next = withReceiver(next, id, lost)
  }
  return next
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
  if (inFlight !== null || isAhead(notBeforeMs, nowMs, OUTBOX.longestRetryAfterMs)) return true
  return message === null && isAhead(dueAtMs, nowMs, groupMs)
}
