import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { decide } from '../../../src/core/decide.ts'
import { Conditions } from '../../../src/schema/condition.ts'
import { Interlocks } from '../../../src/schema/interlock.ts'
import { parseConfig } from '../../../src/schema/parse-config.ts'
import { checkInterlocks } from '../../../src/state/interlock/interlock.ts'
import { toTrafficPicture, toTrafficShape } from '../../../src/state/interlock/route-picture.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../../support/builders.ts'

type Moment = z.input<typeof Conditions>

/** A primary of two origins takes the writes; replicas, the primary among them or not, take the reads. */
function split(...readers: readonly string[]) {
  return {
    pools: poolsOf({ primary: ['p-1', 'p-2'], replica: ['r-1', 'r-2'], spare: ['s-1'] }),
    routes: {
      data: {
        steer: { policy: 'failover' as const, pools: [...readers], fallback: 'spare' },
        writes: { pool: 'primary' },
      },
    },
  }
}

function check(config: ReturnType<typeof split>, before: Moment, after: Moment) {
  const parsed = parseConfig(config)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const shape = toTrafficShape(parsed.config)
  const [last, next] = [before, after].map((each) =>
    toTrafficPicture(shape, Conditions.parse(each)),
  )
  if (!last || !next) throw new Error('no picture')
  return checkInterlocks(last, next, Interlocks.parse({}))
}

const drain = { state: 'drain' } as const
const writes = { route: 'data', part: 'writes' }

describe('interlocks of a route whose writes have a pool of their own', () => {
  it('never let its writes go, whoever is left for its reads', () => {
    expect(check(split('replica'), {}, { pools: { primary: drain } })).toEqual([
      { type: 'all-off', ...writes, usable: 0 },
      { type: 'capacity-too-small', ...writes, capacityPercent: 0, minCapacityPercent: 50 },
    ])
    const maintenance = { state: 'maintenance' } as const
    const both = { origins: { 'p-1': maintenance, 'p-2': maintenance } }
    expect(check(split('replica', 'primary'), {}, both)[0]).toEqual({
      type: 'all-off',
      ...writes,
      usable: 0,
    })
  })

  it('count what is left to the writes apart from what is left to the reads', () => {
    expect(check(split('replica'), {}, { origins: { 'p-1': drain } })).toEqual([])
    const shares = { 'p-1': drain, 'p-2': { sharePercent: 50 } }
    expect(check(split('replica'), {}, { origins: shares })).toEqual([
      { type: 'capacity-too-small', ...writes, capacityPercent: 25, minCapacityPercent: 50 },
    ])
  })

  it('do not hold the reads against a change of the writes, nor the other way round', () => {
    const off = { pools: { primary: drain } }
    expect(check(split('replica'), off, { pools: { primary: drain, spare: drain } })).toEqual([])
    const refusals = check(split('replica'), {}, { pools: { replica: drain, spare: drain } })
    expect(refusals.map(({ type, part }) => [type, part])).toEqual([
      ['all-off', undefined],
      ['capacity-too-small', undefined],
    ])
  })

  it('find them all off exactly where a write would have to go beyond the last resort', () => {
    const condition = fc.record({
      health: fc.constantFrom('healthy' as const, 'unhealthy' as const),
      state: fc.constantFrom('ready' as const, 'ready' as const, 'drain' as const),
      sharePercent: fc.constantFrom(100, 50, 0),
    })
    const moment = fc.record({
      origins: fc.dictionary(fc.constantFrom('p-1', 'p-2', 'r-1', 'r-2', 's-1'), condition),
      pools: fc.dictionary(fc.constantFrom('primary', 'replica', 'spare'), condition),
    })
    const readers = fc.constantFrom(['replica'], ['primary', 'replica'])
    fc.assert(
      fc.property(readers, moment, moment, (pools, before, after) => {
        const config = split(...pools)
        const isOff = (conditions: Moment, method: string) => {
          const snapshot = snapshotOf(config, conditions)
          const decision = decide(factsOf({ method }), snapshot, observationsOf(snapshot))
          if (decision.type !== 'steer') return true
          return !['none', 'last-resort'].includes(decision.tolerance)
        }
        const off = check(config, before, after).filter(({ type }) => type === 'all-off')
        for (const [part, method] of [
          ['writes', 'POST'],
          [undefined, 'GET'],
        ] as const) {
          const isRefused = off.some((refusal) => refusal.part === part)
          expect(isRefused).toBe(isOff(after, method) && !isOff(before, method))
        }
      }),
      { numRuns: 300 },
    )
  })
})
