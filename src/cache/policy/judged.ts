import type { ArmorReason } from './armor.ts'
import type { CacheRequest, CacheResponse, Timing } from './message.ts'
import type { Stored } from './stored.ts'
import type { Windows } from './windows.ts'

/** A request as the origin was sent it, its answer, and when. */
export interface Exchange {
  /** Without the query. */
  readonly path: string
  readonly request: CacheRequest
  readonly response: CacheResponse
  readonly timing: Timing
}

/** What the policy makes of an answer. The rest of `Stored` says where it belongs and how long its body is. */
export type JudgedHead = Windows &
  Pick<
    Stored,
    'status' | 'fields' | 'requestedAtMs' | 'receivedAtMs' | 'initialAgeMs' | 'freshMs' | 'vary'
  >

/** Why an answer is not stored: the rule of the policy that it meets first. Each is a `detail` of `Cache-Status`. */
export type NotStored =
  | ArmorReason
  | 'method'
  | 'request-no-store'
  | 'partial'
  | 'stream'
  | 'no-store'
  | 'private'
  | 'authorization'
  | 'cookie'
  | 'set-cookie'
  | 'vary'
  | 'no-lifetime'
  | 'ttl-zero'
  | 'expired'

/** Whether an answer is stored, and if so with which head and for how long a tier keeps it (at most 30 days). */
export type StorageVerdict =
  | { readonly store: true; readonly head: JudgedHead; readonly keepMs: number }
  | { readonly store: false; readonly why: NotStored }
