import { readSecret } from '../../outbound/secret.ts'
import type { DurableCase } from './durable-calls.ts'
import { type CachedSession, setData } from './session-cache.ts'
import { parseDataHeader, toDataHeader } from './session-data.ts'

/** Hands the data of a session to the origin. Whatever the client sent by that name is gone. */
export function handOverData(
  { affinity: { data }, memory, passage }: DurableCase,
  session: CachedSession | undefined,
  headers: Headers,
): void {
  if (data === undefined) return
  headers.delete(data.header)
  if (session?.data === undefined) return
  const secret = readSecret(passage.env, data.secret)
  if (!secret.ok) {
    // Once in a thousand, the first of them included: it must be found, and not flood the log.
    if (memory.counts.unsigned % 1000 === 0) console.error(`session data: ${secret.why}`)
    memory.counts.unsigned += 1
    return
  }
  const text = toDataHeader(session, secret.value, passage.arrivedAtMs)
  if (text !== undefined) headers.set(data.header, text)
}

/** Takes what an origin wants kept with a session. True when there is something to tell the objects. */
export function takeData(
  { affinity: { data }, memory }: DurableCase,
  session: CachedSession,
  headers: Headers,
): boolean {
  const value = data === undefined ? null : headers.get(data.header)
  if (value === null) return false
  const parsed = parseDataHeader(value)
  if (parsed === undefined) {
    memory.counts.refusedData += 1
    return false
  }
  if ((session.data ?? null) === parsed) return false
  setData(memory.cache, session, parsed ?? undefined)
  session.unsaid = parsed
  return true
}
