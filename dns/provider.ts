import type {
  ChangeResult,
  DnsChange,
  DnsFailure,
  RecordKey,
  RecordSet,
} from '../src/schema/dns-record-set.ts'

/** What a question to a provider came to. */
export type Asked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: DnsFailure }

/**
 * One zone at one provider. Nothing is thrown, no secret stands in what is said, each request ends within the
 * timeout of the settings, and nothing is kept from one call to the next but ids of zones.
 *
 * `read` gives every record set of these names and types, marked or not, with all variants.
 *
 * `apply` makes changes in their order and answers each: aligned with `changes`. Where the provider has a way to
 * say "only if it still stands as `before`" that is used; where not, it is read right before it is written. A change
 * whose `before` has no mark of ours is refused as a conflict, whoever asks. To make what stands already, and to
 * remove what is gone already, is done. The mark of `after` is written together with it, or before it. What one change
 * is declined for keeps no other back; a failure that would meet all, such as no answer in time, is waited for once.
 */
export interface DnsZone {
  read(keys: readonly RecordKey[]): Promise<Asked<readonly RecordSet[]>>
  apply(changes: readonly DnsChange[]): Promise<readonly ChangeResult[]>
}
