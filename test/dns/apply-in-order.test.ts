import { describe, expect, it } from 'vitest'
import { applyInOrder } from '../../dns/apply-in-order.ts'
import type { ChangeResult, DnsChange, DnsFailure } from '../../src/schema/dns-record-set.ts'

const CHANGES: readonly DnsChange[] = ['one', 'two', 'three'].map((record) => ({
  record,
  reason: 'a test',
}))

function failing(kind: DnsFailure['kind'], outcome: 'failed' | 'unknown' = 'failed'): ChangeResult {
  return { outcome, failure: { kind, detail: 'so it is' } }
}

/** Makes all changes, the second of which comes to this; gives what became of each, and which were tried. */
async function applyWith(second: ChangeResult) {
  const tried: string[] = []
  const results = await applyInOrder(CHANGES, Date.now() + 1000, async ({ record }, at) => {
    tried.push(record)
    return at === 1 ? second : { outcome: 'done' }
  })
  return { results, tried }
}

describe('applyInOrder', () => {
  it.each([
    failing('refused'),
    failing('refused', 'unknown'),
    { outcome: 'conflict', detail: 'it is other' } as const,
  ])('goes on after what concerns one change: %o', async (second) => {
    const { results } = await applyWith(second)
    expect(results).toEqual([{ outcome: 'done' }, second, { outcome: 'done' }])
  })

  it('ends at a failure that all others would meet, and says so', async () => {
    const { results, tried } = await applyWith(failing('timed-out', 'unknown'))
    expect(tried).toEqual(['one', 'two'])
    const detail = 'not tried, since another failed: so it is'
    expect(results.slice(1)).toEqual([
      failing('timed-out', 'unknown'),
      { outcome: 'failed', failure: { kind: 'timed-out', detail } },
    ])
  })

  it('begins nothing when its time is over', async () => {
    const results = await applyInOrder(CHANGES, Date.now() - 1, () => {
      throw new Error('it was begun')
    })
    const detail = 'not tried, since no time was left: the next run goes on'
    const failed = { outcome: 'failed', failure: { kind: 'timed-out', detail } }
    expect(results).toEqual([failed, failed, failed])
  })
})
