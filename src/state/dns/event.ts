import type { Actor } from '../../schema/deed.ts'
import type { CheckResult } from '../../schema/dns-answer.ts'
import type { DnsNews } from '../../schema/dns-news.ts'
import type {
  ChangeResult,
  DnsChange,
  DnsFailure,
  RecordKey,
  RecordSet,
  WantedRecord,
} from '../../schema/dns-record-set.ts'
import type { ZoneName } from '../../schema/dns-zone.ts'
import type { Cause } from './state.ts'
import type { ZoneTerms } from './terms.ts'

/** What should stand. */
export interface Wish {
  readonly generation: number
  readonly terms: ZoneTerms
  /** One for each record of `terms`. */
  readonly wanted: readonly WantedRecord[]
}

/** What should stand and what does. */
export interface Survey extends Wish {
  /** All record sets of the names and types of `wanted` and of `also` of the effect, whoever's they are. */
  readonly actual: readonly RecordSet[]
}

/** What happens to the object of a zone. */
export type ZoneEvent =
  /** A new process took over. */
  | { readonly type: 'start' }
  | {
      readonly type: 'ask'
      readonly zone: ZoneName
      readonly cause: 'cron' | 'change' | 'operator'
    }
  | ({ readonly type: 'surveyed'; readonly serial: number } & Survey)
  /** What is wanted is what was wanted before, and nothing waits (`isMoved`): the provider was not asked. */
  | { readonly type: 'unmoved'; readonly serial: number; readonly generation: number }
  /** The survey failed. `wish`: what should stand, where at least that is known. */
  | {
      readonly type: 'failed'
      readonly serial: number
      readonly failure: DnsFailure
      readonly wish?: Wish | undefined
    }
  /** What became of the changes of `apply`, aligned with them. */
  | {
      readonly type: 'applied'
      readonly serial: number
      readonly results: readonly ChangeResult[]
    }
  /** The control object has heard all news up to this number, or has not. */
  | { readonly type: 'heard'; readonly upTo: number }
  | { readonly type: 'unheard'; readonly upTo: number }
  /** What became of `check`; record and what was expected are the effect's. `atMs`: when it was begun. */
  | {
      readonly type: 'checked'
      readonly record: string
      readonly expected: readonly RecordSet[]
      readonly atMs: number
      readonly results: readonly CheckResult[]
    }
  | {
      readonly type: 'freeze'
      readonly zone: ZoneName
      readonly record: string
      readonly frozen: boolean
      readonly reason: string
      readonly by: Actor
    }

/** What is to be done after a step. All of it may be lost; none of it is to be waited for. */
export type ZoneEffect =
  /** Find out what should stand and what does: `surveyed`, `unmoved` or `failed`. */
  | {
      readonly type: 'survey'
      readonly serial: number
      readonly zone: ZoneName
      readonly cause: Cause
      /** Names and types to be read as well as those of the configuration, some of which may be among them. */
      readonly also: readonly RecordKey[]
    }
  /** Make these: `applied`, whatever happens, as long as the process lives. */
  | {
      readonly type: 'apply'
      readonly serial: number
      readonly zone: ZoneName
      readonly changes: readonly DnsChange[]
    }
  /** `heard` or `unheard`. Telling again what was heard must change nothing. */
  | { readonly type: 'tell'; readonly zone: ZoneName; readonly items: readonly DnsNews[] }
  /** Ask name servers and resolvers for the name and type: `checked`. */
  | {
      readonly type: 'check'
      readonly zone: ZoneName
      readonly record: string
      readonly key: RecordKey
      /** An answer is as expected when it has the values of one of these. */
      readonly expected: readonly RecordSet[]
      readonly atMs: number
    }
