import { mark, markOn, toCredentialKey } from '../../cache/hit-for-miss.ts'
import { forget } from '../../cache/memory.ts'
import type { Engine } from '../../cache/engine.ts'
import type { Detail } from '../../cache/policy/cache-status.ts'
import { credentialOf } from '../../cache/policy/credentials.ts'
import { placeIn } from '../../cache/residence.ts'
import type { Passage } from '../passage.ts'
import type { Visit } from './visit.ts'

/** As much of a visit as marks hang on. */
interface Marking extends Pick<Visit, 'arrived' | 'cached'> {
  readonly engine: Pick<Engine, 'marks'>
  readonly passage: Pick<Passage, 'arrivedAtMs'>
}

/** Why answers of a key to such requests are not kept, if that is known: those with a credential are apart from the others. */
export function markFor(
  { engine, arrived, cached, passage }: Marking,
  key: string,
): Detail | undefined {
  const { marks } = engine
  if (marks.size === 0) return undefined
  const { arrivedAtMs } = passage
  const marked = markOn(marks, key, arrivedAtMs)
  if (marked !== undefined) return marked
  const credential = credentialOf(arrived, cached.settings)
  return credential && markOn(marks, toCredentialKey(key, credential), arrivedAtMs)
}

/** Remembers for the key of a request that its answers are not kept, and keeps none any longer. */
export function markUnkept({ engine, arrived, asked, cached, passage }: Visit, why: Detail): void {
  const { key } = placeIn(engine.memory, asked.key, arrived)
  const nowMs = passage.arrivedAtMs
  const credential = credentialOf(arrived, cached.settings)
  // Too large it is for everybody.
  if (credential !== undefined && why !== 'too-large') {
    mark(engine.marks, toCredentialKey(key, credential), { why, nowMs })
    return
  }
  mark(engine.marks, key, { why, nowMs })
  forget(engine.memory, key)
}
