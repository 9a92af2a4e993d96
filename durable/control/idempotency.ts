import type * as z from 'zod'
import {
  BeginCallInput,
  type CallBegun,
  EndCallInput,
  IDEMPOTENCY_LIMITS,
  type IdempotencyMethods,
} from '../idempotency-methods.ts'
import { openIdempotencyStore } from '../idempotency-store.ts'
import { method } from '../machine.ts'
import type { ControlShell, Facet } from './facet.ts'

/** Calls that may be repeated: whoever begins one with a key that is known gets the answer of the first. */
export function idempotencyFacet({ storage }: ControlShell): Facet<IdempotencyMethods> {
  const store = openIdempotencyStore(storage.sql)

  function begin({ fingerprint, ...names }: z.output<typeof BeginCallInput>): CallBegun {
    const id = toId(names)
    const nowMs = Date.now()
    const known = store.find(id, nowMs)
    const isLost =
      known?.answer === undefined && nowMs - (known?.begunAtMs ?? 0) > IDEMPOTENCY_LIMITS.lostMs
    if (known === undefined || isLost) {
      storage.transactionSync(() => store.begin(id, fingerprint, nowMs))
      return { outcome: 'begun' }
    }
    if (known.fingerprint !== fingerprint) return { outcome: 'other' }
    const { answer } = known
    return answer === undefined ? { outcome: 'running' } : { outcome: 'done', answer }
  }

  function end({ fingerprint, answer, ...names }: z.output<typeof EndCallInput>) {
    const id = toId(names)
    // A call that counted as lost, and whose key somebody took over since, has nothing to say.
    if (store.find(id, Date.now())?.fingerprint !== fingerprint) return { kept: false }
    if (answer === undefined) store.forget(id)
    else store.end(id, answer)
    return { kept: answer !== undefined }
  }

  return {
    methods: { beginCall: method(BeginCallInput, begin), endCall: method(EndCallInput, end) },
  }
}

/** A line feed stands in no name and in no key. */
function toId({ caller, key }: { readonly caller: string; readonly key: string }): string {
  return `${caller}\n${key}`
}
