import type { CompiledRoute } from '../../core/snapshot.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { RefusalReason } from '../../schema/reason.ts'
import type { Result } from '../pass.ts'
import type { Passage } from '../passage.ts'

/** Whether a request may go on, as far as limits are concerned. */
export type LimitVerdict =
  | { readonly ok: true; settle(this: void, result: Result): Result }
  | { readonly ok: false; readonly refusal: RefusalReason }

/** Counts a request against the limits of its route. */
export function limit(
  _passage: Passage,
  _route: CompiledRoute,
  _facts: RequestFacts,
): LimitVerdict | Promise<LimitVerdict> {
  return { ok: true, settle: (result) => result }
}
