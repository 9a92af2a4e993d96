import type { CompiledRoute } from '../../core/snapshot.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Passage } from '../passage.ts'

/** What affinity knows of a request before it is decided. */
export interface Session {
  readonly facts: Pick<RequestFacts, 'bond' | 'wroteUntilMs'>
}

/** Looks up where a client belongs: in its cookie without any wait, in a session object where the route says so. */
export function openSession(
  _passage: Passage,
  _route: CompiledRoute,
  _facts: RequestFacts,
): Session | Promise<Session> {
  return { facts: {} }
}
