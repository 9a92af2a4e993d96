import type { Config } from '../../schema/config.ts'
import { zonesIn, toZoneId } from '../../schema/dns-zone.ts'
import {
  type Delivery,
  type Notice,
  NOTICE_LIMITS,
  type ReceiverView,
} from '../../schema/notice.ts'
import type { Machine, Wake } from '../machine.ts'
import { keepKinds, kindsOf } from './kinds.ts'
import { clip } from './notice.ts'
import { dropMessage, takeNotices, withReceiver } from './queue.ts'
import { nextAttempts, nextSendMs, type OutboxEffect, sendDue } from './send.ts'
import { initialOutbox, OUTBOX, OutboxState, type Receiver } from './state.ts'

/** What happens to the outbox. */
export type OutboxEvent =
  | { readonly type: 'notices'; readonly notices: readonly Notice[] }
  /** What became of an attempt. */
  | {
      readonly type: 'tried'
      readonly receiver: string
      readonly message: string
      readonly delivery: Delivery
    }
  /** A configuration is in force, be it new or found by a new process. */
  | { readonly type: 'configured'; readonly config: OutboxConfig }

/** What the outbox needs to know of a configuration. */
export type OutboxConfig = Pick<Config, 'notifications' | 'pools'> & {
  readonly dns?: Config['dns']
  readonly settings: Pick<Config['settings'], 'name'>
}

type Step = readonly [OutboxState, readonly OutboxEffect[]]

/**
 * What is to be told to whom, until it is told. Notices about one pool that come within `group` are one
 * message for each receiver; a receiver gets its messages in order, one at a time, each at least once and
 * always under the same id. An attempt that fails is repeated with growing pauses for a day.
 */
export const outbox: Machine<OutboxState, OutboxEvent, OutboxEffect> = {
  schema: OutboxState,
  initial: initialOutbox,
  tables: ['messages', 'matters'],
  step: stepOutbox,
  wakeAtMs: nextSendMs,
}

/** See `outbox`. */
export function stepOutbox(state: OutboxState, event: OutboxEvent | Wake, nowMs: number): Step {
  return sendDue(take(state, event, nowMs), nowMs)
}

function take(state: OutboxState, event: OutboxEvent | Wake, nowMs: number): OutboxState {
  switch (event.type) {
    case 'notices':
      return event.notices.length === 0 ? state : takeNotices(state, event.notices, nowMs)
    case 'tried':
      return settle(state, event, nowMs)
    case 'configured':
      return configure(state, event.config, nowMs)
    case 'wake':
      return state
  }
}

function settle(
  state: OutboxState,
  { receiver: id, message, delivery }: Extract<OutboxEvent, { type: 'tried' }>,
  nowMs: number,
): OutboxState {
  const receiver = state.outbox.receivers[id]
  // Late news of an attempt that counts as lost, or of a receiver who is gone.
  if (receiver === undefined || !(message in state.messages)) return state
  const inFlight = receiver.inFlight?.id === message ? null : receiver.inFlight
  const spacedMs = nowMs + OUTBOX.spacingMs[receiver.address.type]
  if (delivery.outcome === 'delivered') {
    const { [message]: _, ...messages } = state.messages
    const delivered = receiver.delivered + 1
    const good = { inFlight, delivered, deliveredAtMs: nowMs, failures: 0, notBeforeMs: spacedMs }
    return { ...withReceiver(state, id, good), messages }
  }
  const lastError = { why: delivery.why.slice(0, 500), atMs: nowMs }
  if (delivery.next === 'drop') {
    return dropMessage(
      withReceiver(state, id, { inFlight, lastError, notBeforeMs: spacedMs }),
      message,
    )
  }
  const pauseMs = pauseOf(receiver, message, delivery)
  const failures = receiver.failures + 1
  return withReceiver(state, id, { inFlight, lastError, failures, notBeforeMs: nowMs + pauseMs })
}

/** 1 s, 2 s, 4 s … 10 min, up to half of it again by a jitter that the id decides; longer if we are asked to. */
function pauseOf(
  { failures }: Receiver,
  message: string,
  { next, retryAfterMs = 0 }: Extract<Delivery, { outcome: 'failed' }>,
): number {
  const doubled = OUTBOX.firstRetryMs * 2 ** Math.min(failures, 16)
  const grown = doubled * (1 + jitterOf(`${message}.${failures}`) / 2)
  const pauseMs = next === 'hold' ? OUTBOX.longestRetryMs : Math.min(grown, OUTBOX.longestRetryMs)
  return Math.round(Math.min(Math.max(pauseMs, retryAfterMs), OUTBOX.longestRetryAfterMs))
}

/** A number in [0, 1) from a text: FNV-1a. */
function jitterOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return (hash >>> 8) / 0x1_00_00_00
}

function configure(state: OutboxState, config: OutboxConfig, nowMs: number): OutboxState {
  const receivers = Object.fromEntries(
    Object.entries(config.notifications).map(([id, { kinds, group: groupMs, ...address }]) => {
      const known = state.outbox.receivers[id] ?? NEW
      // Whatever was wrong may be mended: the next attempt is now.
      const wants = { address, ...keepKinds(kinds), groupMs }
      return [id, { ...known, ...wants, failures: 0, notBeforeMs: 0 }]
    }),
  )
  const messages = Object.entries(state.messages).filter(
    ([, { receiver }]) => receiver in receivers,
  )
  const next: OutboxState = {
    outbox: {
      ...state.outbox,
      source: config.settings.name,
      receivers,
    },
    messages: Object.fromEntries(messages),
    matters: state.matters,
  }
  return takeNotices(next, goneIn(state, config, nowMs), nowMs)
}

const NEW: Omit<Receiver, 'address' | 'kinds' | 'hearsOfDns' | 'groupMs'> = {
  inFlight: null,
  notBeforeMs: 0,
  failures: 0,
  delivered: 0,
  deliveredAtMs: null,
  dropped: 0,
  untold: 0,
  lastError: null,
}

/** What is open about something that the configuration no longer has is over. */
function goneIn({ matters }: OutboxState, { pools, dns }: OutboxConfig, nowMs: number): Notice[] {
  const zones = new Set(zonesIn(dns).map((zone) => clip(toZoneId(zone), NOTICE_LIMITS.id)))
  const origins = new Set(Object.values(pools).flatMap((pool) => Object.keys(pool.origins)))
  const gone = Object.entries(matters).filter(([, { subject }]) => {
    if (subject.type === 'pool') return !(subject.id in pools)
    if (subject.type === 'record') return !Object.hasOwn(dns?.records ?? {}, subject.id)
    if (subject.type === 'zone') return !zones.has(subject.id)
    return subject.type === 'origin' && !origins.has(subject.id)
  })
  return gone.map(([dedupKey, { kind, subject }]) => ({
    id: `gone:${dedupKey}:${nowMs}`,
    kind,
    severity: 'info',
    subject,
    title: `${subject.type} ${subject.id} is no longer configured`,
    text: '',
    dedupKey,
    resolves: true,
    atMs: nowMs,
  }))
}

/** How delivery stands, receiver by receiver. */
export function toReceiverViews(state: OutboxState): ReceiverView[] {
  const queued = Object.values(state.messages)
  const attempts = nextAttempts(state)
  return Object.entries(state.outbox.receivers).map(([id, receiver]) => {
    const { address, delivered, dropped, failures, deliveredAtMs, lastError } = receiver
    const pending = queued.filter((message) => message.receiver === id).length
    return {
      id,
      type: address.type,
      kinds: kindsOf(receiver),
      pending,
      delivered,
      dropped,
      failures,
      ...(deliveredAtMs !== null && { deliveredAtMs }),
      ...(pending > 0 && { nextAttemptAtMs: attempts[id] }),
      ...(lastError !== null && { lastError }),
    }
  })
}
