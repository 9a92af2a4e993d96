import { type DurableCase, tellNow, tellSoon } from './durable-calls.ts'
import { takeData } from './durable-data.ts'
import type { CachedSession } from './session-cache.ts'
import type { SessionAnswer } from './session.ts'

/** A session, and where it belonged when its request was decided. */
export interface Decided {
  readonly session: CachedSession | undefined
  readonly was: string | undefined
}

/** Takes note of who answered: a client may belong elsewhere from now on, and an origin may want something kept. */
export function noteAnswer(
  about: DurableCase,
  { session, was }: Decided,
  answer: SessionAnswer,
): void {
  if (session === undefined) return
  // While the request was under way somebody else has moved the client, and this isolate has heard of it.
  const isElsewhere = session.origin !== was
  const hasMoved = !isElsewhere && move(about, session, answer)
  const hasData = takeData(about, session, answer.headers)
  if (hasData) tellNow(about, session)
  // Not at once: when an origin is lost, all its clients move in the same second.
  else if (hasMoved) tellSoon(about, session)
}

function move(
  { passage, route }: DurableCase,
  session: CachedSession,
  { decision: { affinity }, origin, status }: SessionAnswer,
): boolean {
  // Nobody is bound by an answer that counts as a failed attempt.
  const isFailed = route.route.retry.statuses.includes(status)
  if (!affinity?.binds || isFailed || origin.id === session.origin) return false
  session.from ??= session.origin
  session.origin = origin.id
  session.boundAtMs = Math.max(passage.arrivedAtMs, session.boundAtMs + 1)
  return true
}
