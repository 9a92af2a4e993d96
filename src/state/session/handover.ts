import { liveOf, openSession, type Proposal, type StoredSession } from './session.ts'

/** How long a session that another shard has taken over still stands here: longer than any snapshot travels. */
export const HANDED_MS = 60_000

/** Another shard has it now. */
export function handSession(
  stored: StoredSession | undefined,
  nowMs: number,
): StoredSession | undefined {
  const known = liveOf(stored, nowMs)
  if (known === undefined || known.standing !== 'open') return undefined
  const expiresAtMs = Math.min(known.expiresAtMs, nowMs + HANDED_MS)
  return { ...known, standing: 'handed', expiresAtMs }
}

/** Whether a former shard may know more: there is none here, or one that was handed to another shard before. */
export function isWanted(stored: StoredSession | undefined, nowMs: number): boolean {
  const known = liveOf(stored, nowMs)
  return known === undefined || known.standing === 'handed'
}

/** Takes a session over from a former shard, unless what stands here is newer. */
export function takeSession(
  stored: StoredSession | undefined,
  lent: StoredSession,
  nowMs: number,
): StoredSession {
  const known = liveOf(stored, nowMs)
  const taken = { ...lent, standing: lent.standing === 'ended' ? 'ended' : 'open' } as const
  if (known === undefined) return taken
  const aheadMs = lent.boundAtMs - known.boundAtMs || lent.dataAtMs - known.dataAtMs
  return known.standing === 'handed' && aheadMs >= 0 ? taken : known
}

/** What stands where nobody knows a client while another shard binds it: whoever asks here is told the same. */
export function lendSession(proposal: Proposal, nowMs: number): StoredSession {
  const session = openSession(undefined, proposal, nowMs)
  const expiresAtMs = Math.min(session.expiresAtMs, nowMs + HANDED_MS)
  return { ...session, standing: 'handed', expiresAtMs }
}
