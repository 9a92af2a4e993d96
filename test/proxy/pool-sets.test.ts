import type * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { watchedPools } from '../../src/proxy/pool-sets.ts'
import type { Conditions } from '../../src/schema/condition.ts'
import { poolsOf, snapshotOf } from '../support/builders.ts'

const config = {
  pools: poolsOf({ eu: ['eu-1'], us: ['us-1'], ap: ['ap-1'] }),
  routes: {
    both: { steer: { policy: 'failover' as const, pools: ['eu', 'us'] } },
    other: { steer: { policy: 'failover' as const, pools: ['ap'] } },
  },
}

function watched(conditions: z.input<typeof Conditions>): string[] {
  return [...watchedPools(snapshotOf(config, conditions))].toSorted()
}

describe('pools that are watched closely', () => {
  it('are none while nothing is on its way', () => {
    expect(watched({})).toEqual([])
    expect(watched({ origins: { 'eu-1': { health: 'degraded' } } })).toEqual([])
  })

  it('are those with less than their share, and those beside them', () => {
    expect(watched({ origins: { 'us-1': { sharePercent: 50 } } })).toEqual(['eu', 'us'])
    expect(watched({ pools: { ap: { sharePercent: 10 } } })).toEqual(['ap'])
  })

  it('stay so at the last step of a recovery, until that is over', () => {
    const attempt = '1790000000000/0'
    expect(watched({ origins: { 'us-1': { sharePercent: 100, attempt } } })).toEqual(['eu', 'us'])
    expect(watched({ pools: { eu: { sharePercent: 100, attempt } } })).toEqual(['eu', 'us'])
  })
})
