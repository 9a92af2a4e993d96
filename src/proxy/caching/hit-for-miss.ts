import { mark, type MarkedFor, markOn, toCredentialKey } from '../../cache/hit-for-miss.ts'
import { forget } from '../../cache/memory.ts'
import type { Detail } from '../../cache/policy/cache-status.ts'
import { credentialOf } from '../../cache/policy/credentials.ts'
import { placeIn } from '../../cache/residence.ts'
import type { Visit } from './visit.ts'

/** What is known of the answers of a key to such requests: those with a credential are apart from the others. */
export function markFor(
  { engine, arrived, cached, passage }: Visit,
  key: string,
): MarkedFor | undefined {
  const { marks } = engine
  if (marks.size === 0) return undefined
  const { arrivedAtMs } = passage
  const marked = markOn(marks, key, arrivedAtMs)
  if (marked !== undefined) return marked
  const credential = credentialOf(arrived, cached.settings)
  return credential && markOn(marks, toCredentialKey(key, credential), arrivedAtMs)
}

/** Remembers for the key of a request that its answers are not kept, and keeps none any longer. */
export function markUnkept(
  { engine, arrived, asked, cached, passage }: Visit,
  detail: Detail,
): void {
  const { key } = placeIn(engine.memory, asked.key, arrived)
  const nowMs = passage.arrivedAtMs
  const why = detail === 'too-large' ? 'too-large' : 'unkept'
  const credential = credentialOf(arrived, cached.settings)
  if (credential !== undefined && why === 'unkept') {
    mark(engine.marks, toCredentialKey(key, credential), { why, nowMs })
    return
  }
  mark(engine.marks, key, { why, nowMs })
  forget(engine.memory, key)
}
