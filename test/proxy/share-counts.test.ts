import { expect, it } from 'vitest'
import type { CompiledOrigin } from '../../src/core/snapshot.ts'
import { beginDispatch, hasNews } from '../../src/proxy/dispatch.ts'
import { createLedger } from '../../src/proxy/ledger.ts'
import { countShares } from '../../src/proxy/share-counts.ts'
import { poolsOf, snapshotOf } from '../support/builders.ts'

const snapshot = snapshotOf({
  pools: poolsOf({ us: ['us-1', 'us-2'] }),
  routes: { all: { steer: { policy: 'failover', pools: ['us'] } } },
})
const [us1, us2] = snapshot.origins as [CompiledOrigin, CompiledOrigin]
const sender = { isolate: 'a', pool: 'us', nextSequence: () => 1 }

it('counts whom an origin would have, who of them is free, and who is kept there', () => {
  const ledger = createLedger(snapshot)
  const free = { kept: undefined, left: undefined, binds: true }
  countShares(ledger, { natural: us1, affinity: free })
  countShares(ledger, { natural: us1 })
  countShares(ledger, { natural: us1, affinity: { ...free, kept: us2 } })
  countShares(ledger, { natural: us2, affinity: { ...free, kept: us2 } })
  countShares(ledger, { affinity: free })
  const [first, second] = ledger.origins
  if (!first || !second) throw new Error('the ledger has no origins')
  // That is news, even where no request went: what takes nothing yet has to know what it would have.
  expect([hasNews(first), hasNews(second)]).toEqual([true, true])
  const report = beginDispatch(first, sender, 1)
  expect(report).toMatchObject({ requests: 0, shares: { natural: 3, free: 2, kept: 0 } })
  expect(beginDispatch(second, sender, 1).shares).toEqual({ natural: 1, free: 0, kept: 2 })
})

it('counts nobody as free who belonged there and waits for the share', () => {
  const ledger = createLedger(snapshot)
  const why = { type: 'not-admitted', sharePercent: 10, bucketPercent: 40 } as const
  const unhealthy = { type: 'unhealthy', health: 'unhealthy', evidence: '', sinceMs: 0 } as const
  const waits = { kept: undefined, left: { origin: 'us-1', why }, binds: false }
  countShares(ledger, { natural: us1, affinity: waits })
  countShares(ledger, { natural: us1, affinity: { ...waits, left: { origin: 'eu-1', why } } })
  const lost = { ...waits, left: { origin: 'us-2', why: unhealthy } }
  countShares(ledger, { natural: us1, affinity: lost })
  expect(ledger.origins[0]?.tally.shares).toEqual({ natural: 3, free: 2, kept: 0 })
})

it('says nothing of shares where none moves', () => {
  const ledger = createLedger(snapshot)
  const [first] = ledger.origins
  if (!first) throw new Error('the ledger has no origins')
  expect(hasNews(first)).toBe(false)
  expect(beginDispatch(first, sender, 1)).not.toHaveProperty('shares')
})
