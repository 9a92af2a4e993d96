import * as z from 'zod'
import { Hash } from '../src/schema/audit.ts'

/** Bounds of what is kept of calls with a key. */
export const IDEMPOTENCY_LIMITS = {
  calls: 10_000,
  keptMs: 86_400_000,
  /**
   * After so long a call without an answer counts as lost, and its key is free again. No call takes as long: the
   * slowest waits 65 s for a prober.
   */
  lostMs: 120_000,
  /** A longer answer is not kept: the next call with its key runs again. */
  answer: 65_536,
  key: 255,
} as const

/** An answer as it is kept. */
export const KeptAnswer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string().max(IDEMPOTENCY_LIMITS.answer),
})
export type KeptAnswer = z.output<typeof KeptAnswer>

const CallKey = z.object({
  caller: z.string().max(128).describe('Keys of two callers have nothing to do with each other.'),
  key: z.string().min(1).max(IDEMPOTENCY_LIMITS.key),
  fingerprint: Hash.describe('Of all that the call says.'),
})

export const BeginCallInput = CallKey
/** Without an answer the call leaves no trace: it may be repeated. */
export const EndCallInput = CallKey.extend({ answer: KeptAnswer.optional() })

/** What is known of a call when it begins. */
export type CallBegun =
  | { readonly outcome: 'begun' | 'running' | 'other' }
  | { readonly outcome: 'done'; readonly answer: KeptAnswer }

/** The methods of the control object that let a call be repeated. */
export interface IdempotencyMethods {
  /** `running`: the same call is under way. `other`: the key named a call that said something else. */
  beginCall(input: z.input<typeof BeginCallInput>): CallBegun
  endCall(input: z.input<typeof EndCallInput>): { readonly kept: boolean }
}
