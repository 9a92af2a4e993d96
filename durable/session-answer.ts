import type { StoredSession } from '../src/state/session/session.ts'
import type { SessionAnswer, SessionCorrection, SessionView } from './session-methods.ts'

/** A session as an isolate needs it. */
export function toAnswer(session: StoredSession | undefined): SessionAnswer {
  if (session === undefined || session.standing === 'ended') return { gone: true }
  const { origin, boundAtMs, data, dataAtMs } = session
  return { gone: false, origin, boundAtMs, dataAtMs, ...(data !== undefined && { data }) }
}

/** What an isolate believes of a session. */
interface Belief {
  readonly key: string
  readonly origin: string
  readonly dataAtMs: number
}

/** The truth, where an isolate believes something else; nothing where it is right. */
export function toCorrection(
  { key, origin, dataAtMs }: Belief,
  session: StoredSession | undefined,
): SessionCorrection[] {
  const answer = toAnswer(session)
  const isRight = !answer.gone && answer.origin === origin && answer.dataAtMs === dataAtMs
  return isRight ? [] : [{ key, ...answer }]
}

/** A session as the API shows it; nothing of one that was ended. */
export function toView(session: StoredSession | undefined): SessionView | null {
  if (session === undefined || session.standing === 'ended') return null
  const { origin, boundAtMs, usedAtMs, expiresAtMs, data } = session
  return { origin, boundAtMs, usedAtMs, expiresAtMs, ...(data !== undefined && { data }) }
}
