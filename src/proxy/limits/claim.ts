import type { CompiledLimit } from '../../core/compile-limits.ts'
import type { WideHash } from '../../core/kernel/wide-hash.ts'
import type { QuotaStanding, RefusalReason } from '../../schema/reason.ts'

/** One request of whoever has this key, to one limit. */
export interface Claim {
  readonly limit: CompiledLimit
  readonly key: WideHash
}

/** Counts the claims of one mode. Asking takes nothing: a request takes of all its limits, or of none. */
export interface Counter {
  /** Why the claim has to wait; undefined when it may be taken. */
  refusalOf(this: void, claim: Claim): RefusalReason | undefined
  take(this: void, claim: Claim): void
  /** How the limit stands for this key. */
  standingsOf(this: void, claim: Claim): readonly QuotaStanding[]
}
