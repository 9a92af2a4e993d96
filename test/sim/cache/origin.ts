import type { Stored } from '../../../src/cache/policy/stored.ts'
import { storedOf } from '../../support/stored.ts'
import type { Chance } from '../chance.ts'
import { drawBytes, type Trace } from './trace.ts'

/** Answers as the policy has judged those of the origin of a trace. */
export class ModelOrigin {
  requests = 0
  /** Of all its objects. */
  readonly bytes: number
  private readonly heads: readonly Stored[]

  constructor(trace: Trace, chance: Chance) {
    this.heads = Array.from({ length: trace.objects }, (_, object) => toHead(trace, object, chance))
    this.bytes = this.heads.reduce((sum, { bodyBytes = 0 }) => sum + bodyBytes, 0)
  }

  ask(object: number, nowMs: number): Stored {
    this.requests += 1
    const head = this.heads[object]
    if (head === undefined) throw new Error('an object that is not there')
    return { ...head, requestedAtMs: nowMs, receivedAtMs: nowMs }
  }
}

/** What stands under the key of an object. */
export function keyOf(object: number): string {
  return `/${object}`
}

function toHead(trace: Trace, object: number, chance: Chance): Stored {
  const { least, most } = trace.freshSeconds
  const key = keyOf(object)
  return storedOf({
    key,
    path: key,
    bodyBytes: drawBytes(trace, chance),
    freshMs: chance.between(least, most) * 1000,
    staleWhileRevalidateMs: trace.staleWhileRevalidateSeconds * 1000,
    staleWhileOutMs: 3_600_000,
    staleWhileRecoveringMs: 600_000,
  })
}
