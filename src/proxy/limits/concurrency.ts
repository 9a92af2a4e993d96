import { hashText } from '../../core/kernel/hash.ts'
import { addressKeyOf } from '../../core/rate-key.ts'
import type { CompiledRoute } from '../../core/snapshot.ts'
import type { Concurrency } from '../../schema/limit.ts'
import type { RefusalReason } from '../../schema/reason.ts'
import { onEnd } from '../ending.ts'
import type { Passage } from '../passage.ts'
import { type Slot, type Slots, takenOf, takeSlot } from './slots.ts'

/** A place may be free at any moment. */
const RETRY_AFTER_MS = 1000

/** Whether there is room for one request more. */
export type Room =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly refusal: RefusalReason }

/** A request that counts as under way. */
export interface Place {
  /** It is not served after all. */
  leave(this: void): void
  /** It was answered: it counts until its answer is over. What is returned is to be passed on in its place. */
  stay(this: void, response: Response): Response
}

/**
 * Takes a place of the route, and one of the client's address there. A client that goes away gives its places back
 * at once: its signal tells, also before there are headers.
 */
export function takePlace(
  passage: Passage,
  { id, steer }: CompiledRoute,
  { concurrency, ip }: { readonly concurrency: Concurrency; readonly ip: string | undefined },
): Room {
  const { slots } = passage.isolate.limits
  const salt = hashText(id)
  const address = {
    per: 'address',
    key: addressKeyOf(ip, salt),
    most: concurrency.perAddress,
  } as const
  const route = { per: 'route', key: salt, most: concurrency.perRoute ?? Infinity } as const
  const full = [address, route].find(({ key, most }) => takenOf(slots, key) >= most)
  if (full) {
    const { per, most } = full
    const refusal = { type: 'too-many-at-once', per, most, retryAfterMs: RETRY_AFTER_MS } as const
    return { ok: false, refusal }
  }
  const isRouteCounted = concurrency.perRoute !== undefined
  const keys = isRouteCounted ? [address.key, route.key] : [address.key]
  const place = toPlace(takeAll(slots, keys, passage.arrivedAtMs), passage)
  // The answers of the router itself are small, and over as soon as they are there.
  return { ok: true, place: steer === undefined ? { ...place, stay: leaveWith(place) } : place }
}

function leaveWith({ leave }: Place): Place['stay'] {
  return (response) => {
    leave()
    return response
  }
}

function takeAll(slots: Slots, keys: readonly number[], nowMs: number): readonly Slot[] {
  return keys.map((key) => takeSlot(slots, key, nowMs))
}

function toPlace(slots: readonly Slot[], passage: Passage): Place {
  const leave = (): void => {
    for (const slot of slots) slot.free()
  }
  passage.request.signal.addEventListener('abort', leave)
  return {
    leave,
    stay(response) {
      for (const slot of slots) slot.open()
      return onEnd(response, passage, leave)
    },
  }
}
