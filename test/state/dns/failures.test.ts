import { describe, expect, it } from 'vitest'
import type { ChangeResult } from '../../../src/schema/dns-record-set.ts'
import { toZoneView } from '../../../src/state/dns/view.ts'
import { zoneMachine } from '../../../src/state/dns/zone.ts'
import { NOON_MS, setOf, wantedOf } from './records.ts'
import { GOOD, ZoneWorld, standing, valuesIn, guardIn } from './world.ts'

const refused: ChangeResult = {
  outcome: 'failed',
  failure: { kind: 'refused', detail: '422: no' },
}

describe('what fails', () => {
  it('is tried again after growing pauses, told after three, and told to be over', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.conduct = { ...GOOD, read: { kind: 'unavailable', detail: 'status 503' } }
    world.ask()
    world.pass(60_000)
    const begun = world.effects.flatMap(({ type, atMs }) => (type === 'survey' ? [atMs] : []))
    const pauses = begun.slice(1).map((atMs, at) => Math.round((atMs - (begun[at] ?? 0)) / 1000))
    expect(pauses).toEqual([5, 10, 20])
    expect(world.notices).toEqual(['DNS zone main/example.com could not be brought up to date'])
    world.conduct = GOOD
    world.minutes(2)
    expect(world.notices).toHaveLength(2)
    expect(world.matters.at(-1)).toMatchObject({
      subject: { type: 'zone', id: 'main/example.com' },
      resolves: true,
    })
  })

  it('does not keep from seeing what should stand', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.conduct = { ...GOOD, read: { kind: 'unavailable', detail: 'status 503' } }
    world.minutes(1)
    const [record] = toZoneView(world.state, world.clockMs)?.records ?? []
    expect(record).toMatchObject({ wanted: [setOf('www', [1])], difference: [] })
    expect(record).not.toHaveProperty('actual')
    expect(record).not.toHaveProperty('divergesSinceMs')
    world.minutes(20)
    expect(world.notices).toEqual(['DNS zone main/example.com could not be brought up to date'])
  })

  it('lets the time to settle run on', () => {
    const world = standing()
    world.pass(300_000)
    world.conduct = { ...GOOD, read: { kind: 'unavailable', detail: 'status 503' } }
    world.want(wantedOf('www', [2]))
    world.minutes(2)
    world.conduct = GOOD
    world.ask('operator')
    world.pass(1000)
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
  })

  it('waits for as long as the provider asks', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    const limited = { kind: 'rate-limited', detail: '429', retryAfterMs: 90_000 } as const
    world.conduct = { ...GOOD, read: limited }
    world.minutes(1)
    expect(world.effects.filter(({ type }) => type === 'survey')).toHaveLength(1)
    world.conduct = GOOD
    world.ask('operator')
    world.pass(1000)
    expect(world.sets).toHaveLength(1)
  })

  it('does not take others with it: one that was refused goes by itself', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('bad', [1]), wantedOf('good', [2]))
    // All or nothing, as a batch is.
    world.conduct = {
      ...GOOD,
      write: () =>
        world.applies.at(-1)?.changes.some(({ record }) => record === 'bad') ? refused : undefined,
    }
    world.minutes(3)
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
    expect(world.notices).toEqual(['DNS record bad could not be brought up to date'])
  })

  it('looks again at once when somebody else wrote, and then with patience', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(20_000)
    const conflict: ChangeResult = { outcome: 'conflict', detail: 'it is another' }
    world.conduct = { ...GOOD, write: () => conflict }
    world.pass(16_000)
    const applied = world.applies.slice(1).map(({ atMs }) => atMs)
    expect(applied).toHaveLength(2)
    expect((applied[1] ?? 0) - (applied[0] ?? 0)).toBeLessThan(200)
    expect(guardIn(world)?.guard).toBe('conflict')
    world.conduct = GOOD
    world.minutes(2)
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
  })

  it('is looked at again after a pause when nobody knows whether it was written', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    const timedOut = { kind: 'timed-out', detail: 'no answer in 10 s' } as const
    const unknown: ChangeResult = { outcome: 'unknown', failure: timedOut }
    world.conduct = { ...GOOD, write: () => unknown, lands: false }
    world.ask()
    world.pass(60_000)
    expect(world.applies.map(({ atMs }) => Math.round((atMs - NOON_MS) / 1000))).toEqual([
      0, 5, 15, 35,
    ])
    expect(world.notices).toEqual(['DNS zone main/example.com could not be brought up to date'])
    world.conduct = { ...world.conduct, lands: true }
    world.minutes(2)
    expect(world.deeds).toHaveLength(1)
    expect(world.landings).toHaveLength(1)
    expect(world.matters.at(-1)?.resolves).toBe(true)
  })
})

describe('a provider that leaves the configuration', () => {
  it('in the middle of a write is asked about until that cannot land any more, and the zone rests', () => {
    const world = standing()
    world.pass(300_000)
    const timedOut = { kind: 'timed-out', detail: 'no answer in 10 s' } as const
    world.conduct = { ...GOOD, write: () => ({ outcome: 'unknown', failure: timedOut }) }
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(31_000)
    expect(world.applies).toHaveLength(2)
    world.conduct = { ...GOOD, read: { kind: 'refused', detail: 'no such provider any more' } }
    world.want()
    world.ask('change')
    world.pass(30 * 60_000)
    expect(world.matters.at(-1)).toMatchObject({ resolves: true })
    expect(world.state).toMatchObject({ run: null, asked: null, pause: null })
    expect(world.state.records).toMatchObject({ www: { intents: [] } })
    expect(zoneMachine.wakeAtMs(world.state)).toBeUndefined()
  })
})

it('an object that has lost all it knew is heard all the same', () => {
  const world = standing()
  world.pass(300_000)
  world.state = zoneMachine.initial
  world.want(wantedOf('www', [2]))
  world.minutes(3)
  expect(world.deeds.map(({ after }) => after)).toEqual([setOf('www', [1]), setOf('www', [2])])
})

describe('a clock that jumps back', () => {
  it('makes no wait longer than it ever is', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(10_000)
    world.jump(-86_400_000)
    world.pass(0)
    world.minutes(1)
    expect(valuesIn(world)).toEqual(['192.0.2.1'])
    world.minutes(3)
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
  })

  it('moves the alarm of what is held with it', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(10_000)
    world.jump(-86_400_000)
    world.step({ type: 'wake' })
    world.pass(125_000)
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
  })

  it('keeps a run of which nothing is heard no longer than its lease', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(20)
    world.crash(undefined)
    world.jump(-86_400_000)
    world.step({ type: 'wake' })
    world.pass(70_000)
    expect(valuesIn(world)).toEqual(['192.0.2.1'])
  })
})
