import type { RecordSet } from '../../src/schema/dns-record-set.ts'
import { type CloudflareRecord, isDressedFor, toBody, toValue } from './record.ts'

/** The body of `POST /zones/{id}/dns_records/batch`. */
export interface Batch {
  readonly deletes: readonly { readonly id: string }[]
  readonly patches: readonly { readonly id: string }[]
  readonly posts: readonly object[]
}

/** The most records that one batch touches: 200 on the Free plan, 3,500 on the others. */
export const LARGEST_BATCH = 200

/**
 * The operations that make the standing records into the wanted set; without one they are all removed.
 *
 * A batch is one transaction, but its records reach the name servers one by one and in any order
 * (developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes). So an answer that stays is never
 * taken away, and one that goes is rewritten in place to one that comes, as long as there are both: in any order
 * there are never fewer answers than before and after have in common, and never none.
 */
export function planBatch(
  standing: readonly CloudflareRecord[],
  wanted: RecordSet | undefined,
): Batch {
  const missing = new Set(wanted?.values)
  const kept: CloudflareRecord[] = []
  const surplus: CloudflareRecord[] = []
  for (const record of standing) {
    if (missing.delete(toValue(record))) kept.push(record)
    else surplus.push(record)
  }
  if (wanted === undefined) return { deletes: surplus.map(toDelete), patches: [], posts: [] }
  const coming = [...missing]
  return {
    deletes: surplus.slice(coming.length).map(toDelete),
    patches: [
      ...kept
        .filter((record) => !isDressedFor(record, wanted))
        .map((record) => ({ id: record.id, ...toBody(wanted, toValue(record)) })),
      ...surplus
        .slice(0, coming.length)
        .map(({ id }, at) => ({ id, ...toBody(wanted, coming[at] ?? '') })),
    ],
    posts: coming.slice(surplus.length).map((value) => toBody(wanted, value)),
  }
}

/** How many records a batch touches. */
export function sizeOf({ deletes, patches, posts }: Batch): number {
  return deletes.length + patches.length + posts.length
}

/** Several batches as one. */
export function mergeBatches(batches: readonly Batch[]): Batch {
  return {
    deletes: batches.flatMap(({ deletes }) => deletes),
    patches: batches.flatMap(({ patches }) => patches),
    posts: batches.flatMap(({ posts }) => posts),
  }
}

function toDelete({ id }: CloudflareRecord): { readonly id: string } {
  return { id }
}
