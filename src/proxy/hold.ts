import type { SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import { onEnd } from './ending.ts'
import { closeAttempt, openAttempt, type OpenAttempt, renewAttempt } from './origin-record.ts'
import type { Passage } from './passage.ts'
import { reportWhenDue } from './passive-reports.ts'
import type { Trip } from './trip.ts'
import { relay } from './web-socket.ts'

/** Sooner than a start that is not renewed can be forgotten, and than the lease of what was reported ends. */
const RENEW = { leastMs: 500, mostMs: 5000 } as const

/** An attempt that is counted until it is over. */
export interface Hold {
  readonly attempt: OpenAttempt
  /** Whether that is when the answer ends, and not when it begins. */
  readonly isUntilEnd: boolean
}

/** Counts an attempt as in flight. */
export function openHold({ passage }: Trip, origin: CompiledOrigin): Hold | undefined {
  const { ledger } = passage.standing
  const record = ledger.origins[origin.index]
  if (!record) return undefined
  const attempt = openAttempt(record)
  // The runtime drops the request of a client that goes away, and with it whatever would close this.
  if (ledger.countedPools.has(origin.pool)) {
    passage.request.signal.addEventListener('abort', () => closeAttempt(attempt))
  }
  return { attempt, isUntilEnd: ledger.heldPools.has(origin.pool) }
}

/** Whether the end of an answer may be waited for, so that it must come as the origin encoded it. */
export function isEndAwaited({ standing }: Passage, { route, attempts }: SteerDecision): boolean {
  const { heldPools } = standing.ledger
  if (route.route.concurrency !== undefined) return true
  return heldPools.size > 0 && attempts.some(({ pool }) => heldPools.has(pool))
}

/** The answer as it can be waited for: a WebSocket that passes by itself cannot. */
export function toAwaitable(response: Response, { ctx }: Passage): Response {
  return response.webSocket === null ? response : relay(response, ctx)
}

/** Keeps an attempt counted until the answer is over. What is returned must be passed on in place of the answer. */
export function holdUntilEnd(passage: Passage, { attempt }: Hold, response: Response): Response {
  let timer: ReturnType<typeof setInterval> | null = null
  const passed = onEnd(response, passage, () => {
    if (timer !== null) clearInterval(timer)
    closeAttempt(attempt)
  })
  if (!attempt.isOpen) return passed
  // It lives as long as its request does: whatever way that ends, what is no longer renewed is forgotten.
  timer = setInterval(() => {
    renewAttempt(attempt)
    reportWhenDue(passage, Date.now())
  }, renewEveryMs(passage))
  return passed
}

function renewEveryMs({ standing }: Passage): number {
  const spanMs = standing.ledger.longestAttemptMs
  return Math.min(RENEW.mostMs, Math.max(RENEW.leastMs, spanMs / 2))
}
