import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeBatches, planBatch, sizeOf } from '../../../dns/cloudflare/batch.ts'
import { CloudflareRecord, toStandingSets } from '../../../dns/cloudflare/record.ts'
import type { RecordSet } from '../../../src/schema/dns-record-set.ts'

const MARK = { owner: 'portolan', record: 'www' }

function setOf(values: readonly string[], extra: Partial<RecordSet> = {}): RecordSet {
  return { name: 'www.example.com', type: 'A', ttl: 60, values: [...values], mark: MARK, ...extra }
}

function recordsOf(values: readonly string[], ttl = 60) {
  const common = { name: 'www.example.com', type: 'A', ttl, proxied: false }
  const comment = 'heritage=portolan,owner=portolan,record=www'
  return values.map((content, at) =>
    CloudflareRecord.parse({ ...common, comment, content, id: `id-${at}` }),
  )
}

const values = fc.uniqueArray(
  fc.integer({ min: 1, max: 12 }).map((last) => `192.0.2.${last}`),
  { minLength: 1, maxLength: 8 },
)

/** What stands after some of the operations of a batch. */
function standingAfter(
  records: readonly CloudflareRecord[],
  operations: readonly (readonly [kind: string, operation: object])[],
): string[] {
  const standing = new Map(records.map(({ id, content }) => [id, content]))
  for (const [kind, operation] of operations) {
    const { id = `new-${standing.size}`, content } = operation as Partial<CloudflareRecord>
    if (kind === 'deletes') standing.delete(id)
    else standing.set(id, content ?? '')
  }
  return [...standing.values()]
}

describe('a batch for Cloudflare', () => {
  it('makes a set into another one, whatever stood', () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        const records = recordsOf(before)
        const batch = planBatch(records, setOf(after))
        const operations = Object.entries(batch).flatMap(([kind, list]) =>
          (list as readonly object[]).map((operation) => [kind, operation] as const),
        )
        expect(standingAfter(records, operations).toSorted()).toEqual(after.toSorted())
        // The fewest operations that can do it.
        const common = before.filter((value) => after.includes(value)).length
        expect(sizeOf(batch)).toBe(Math.max(before.length, after.length) - common)
      }),
    )
  })

  it('never leaves fewer answers than both have in common, nor none, in whatever order it spreads', () => {
    fc.assert(
      fc.property(values, values, fc.infiniteStream(fc.nat()), (before, after, draws) => {
        const records = recordsOf(before)
        const common = before.filter((value) => after.includes(value))
        const left = Object.entries(planBatch(records, setOf(after))).flatMap(([kind, list]) =>
          (list as readonly object[]).map((operation) => [kind, operation] as const),
        )
        const spread: (readonly [string, object])[] = []
        while (left.length > 0) {
          const { value: draw } = draws.next()
          spread.push(...left.splice((draw as number) % left.length, 1))
          const standing = standingAfter(records, spread)
          expect(standing).toEqual(expect.arrayContaining(common))
          expect(standing.length).toBeGreaterThanOrEqual(Math.min(before.length, after.length))
        }
      }),
    )
  })

  it('rewrites a record in place rather than take one away and make another', () => {
    const [record] = recordsOf(['192.0.2.1'])
    expect(planBatch(record ? [record] : [], setOf(['192.0.2.2']))).toEqual({
      deletes: [],
      patches: [
        {
          id: 'id-0',
          name: 'www.example.com',
          type: 'A',
          ttl: 60,
          content: '192.0.2.2',
          proxied: false,
          comment: 'heritage=portolan,owner=portolan,record=www',
        },
      ],
      posts: [],
    })
  })

  it('patches what has another TTL, another proxy status or another mark, and nothing else', () => {
    const records = recordsOf(['192.0.2.1', '192.0.2.2'])
    const patchesOf = (extra: Partial<RecordSet>) =>
      planBatch(records, setOf(['192.0.2.1', '192.0.2.2'], extra)).patches.length
    expect(patchesOf({})).toBe(0)
    expect(patchesOf({ ttl: 30 })).toBe(2)
    expect(patchesOf({ proxied: true })).toBe(2)
    expect(patchesOf({ mark: { owner: 'other', record: 'www' } })).toBe(2)
  })

  it('removes all records of a set that is wanted no more', () => {
    const records = recordsOf(['192.0.2.1', '192.0.2.2'])
    const batch = planBatch(records, undefined)
    expect(batch).toEqual({ deletes: [{ id: 'id-0' }, { id: 'id-1' }], patches: [], posts: [] })
    expect(mergeBatches([batch, batch]).deletes).toHaveLength(4)
  })

  it('counts a value that stands twice as one that is too many', () => {
    const records = recordsOf(['192.0.2.1', '192.0.2.1'])
    const { deletes } = planBatch(records, setOf(['192.0.2.1']))
    expect(deletes).toEqual([{ id: 'id-1' }])
  })
})

function setsOf(records: readonly CloudflareRecord[]) {
  return [...toStandingSets(records).values()]
}

describe('records of one name and type', () => {
  it('are one set, with the longest of their TTLs', () => {
    const records = [...recordsOf(['192.0.2.1']), { ...recordsOf(['192.0.2.2'], 300)[0], id: 'x' }]
    const sets = setsOf(records as CloudflareRecord[])
    expect(sets.map(({ set }) => set)).toEqual([setOf(['192.0.2.1', '192.0.2.2'], { ttl: 300 })])
  })

  it("are somebody else's as soon as one of them is", () => {
    const [one, other] = recordsOf(['192.0.2.1', '192.0.2.2']) as [
      CloudflareRecord,
      CloudflareRecord,
    ]
    const [mixed] = setsOf([one, { ...other, comment: null }])
    expect(mixed?.set.mark).toBeUndefined()
    const owners = { ...other, comment: 'heritage=portolan,owner=other,record=www' }
    expect(setsOf([one, owners])[0]?.set.mark).toBeUndefined()
  })

  it('are counted once when a page is read while they move to the next', () => {
    const records = recordsOf(['192.0.2.1'])
    expect(setsOf([...records, ...records])[0]?.records).toHaveLength(1)
  })
})
