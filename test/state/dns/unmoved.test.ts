import { describe, expect, it } from 'vitest'
import type { WantedRecord } from '../../../src/schema/dns-record-set.ts'
import { toZoneView } from '../../../src/state/dns/view.ts'
import { isMoved } from '../../../src/state/dns/zone.ts'
import { OWNER, setOf, unmarked, wantedOf } from './records.ts'
import { guardIn, standing, valuesIn, ZoneWorld } from './world.ts'

describe('a provider', () => {
  it('is not asked when conditions changed for others alone', () => {
    const world = standing()
    const { terms } = world.see()
    const isMovedBy = (wanted: WantedRecord, more: object = {}) =>
      isMoved(world.state, { terms: { ...terms, ...more }, wanted: [wanted] }, world.clockMs)
    expect(isMovedBy(wantedOf('www', [1]))).toBe(false)
    expect(isMovedBy(wantedOf('www', [1], { reason: 'with other evidence' }))).toBe(false)
    expect(isMovedBy(wantedOf('www', [2]))).toBe(true)
    expect(isMovedBy(wantedOf('www', [1], { degraded: true }))).toBe(true)
    expect(isMovedBy(wantedOf('www', [], { hold: 'all pools are out' }))).toBe(true)
    expect(isMovedBy(wantedOf('www', [1]), { owner: `${OWNER}-2` })).toBe(true)
    world.pass(10_000)
    world.ask('change')
    const { serial } = world.state
    world.step({ type: 'unmoved', serial, generation: 5 })
    expect(toZoneView(world.state, world.clockMs)).toMatchObject({ run: 'idle', generation: 5 })
  })

  it('is not asked for what is held, until that lets go, however often conditions change', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2], { degraded: true, ttl: 30 }))
    const { reads } = world
    world.ask('change')
    for (let second = 0; second < 29; second += 1) {
      world.pass(1000)
      world.ask('change')
    }
    expect(world.reads).toBe(reads + 1)
    for (let second = 0; second < 60; second += 1) {
      world.pass(500)
      world.ask('change')
    }
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
    expect(world.reads).toBe(reads + 2)
  })

  it('is asked by the cron alone for what is held until somebody does something', () => {
    const world = new ZoneWorld()
    world.sets = [unmarked(setOf('www', [9]))]
    world.want(wantedOf('www', [1]))
    world.ask('change')
    world.pass(2000)
    world.ask('change')
    world.pass(2000)
    expect([guardIn(world)?.guard, world.reads]).toEqual(['unmarked', 1])
    world.minutes(1)
    expect(world.reads).toBe(2)
  })
})
