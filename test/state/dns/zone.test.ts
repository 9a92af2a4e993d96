import { describe, expect, it } from 'vitest'
import { previewRun } from '../../../src/state/dns/zone.ts'
import { toZoneView } from '../../../src/state/dns/view.ts'
import { setOf, TERMS, wantedOf } from './records.ts'
import { GOOD, ZoneWorld, standing, valuesIn, guardIn } from './world.ts'

describe('a run', () => {
  it('makes at once what is not there, with its mark, and tells it once', () => {
    const world = standing()
    expect(world.sets).toEqual([setOf('www', [1])])
    expect(world.deeds).toEqual([{ before: undefined, after: setOf('www', [1]) }])
    world.minutes(10)
    expect(world.applies).toHaveLength(1)
    expect(world.state.news).toEqual({})
  })

  it('changes answers when others have been wanted for the time to settle, and then holds', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(29_000)
    expect(guardIn(world)?.guard).toBe('settling')
    expect(valuesIn(world)).toEqual(['192.0.2.1'])
    // Nobody asks: the guard that lets go does.
    world.pass(2000)
    expect(valuesIn(world)).toEqual(['192.0.2.2'])
    const [, moved] = world.landings
    world.want(wantedOf('www', [1]))
    world.ask('change')
    world.pass(60_000)
    expect(guardIn(world)?.guard).toBe('hold-time')
    world.pass(120_000)
    expect(valuesIn(world)).toEqual(['192.0.2.1'])
    expect((world.landings[2]?.atMs ?? 0) - (moved?.atMs ?? 0)).toBeGreaterThanOrEqual(TERMS.holdMs)
  })

  it('begins to settle anew when what is wanted changes its mind', () => {
    const world = standing()
    world.pass(300_000)
    for (const host of [2, 1, 2]) {
      world.want(wantedOf('www', [host]))
      world.ask('change')
      world.pass(20_000)
    }
    expect(valuesIn(world)).toEqual(['192.0.2.1'])
  })

  it('begins to settle anew when nobody has looked for long', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(10_000)
    world.jump(600_000)
    world.ask()
    world.pass(20_000)
    expect(guardIn(world)?.guard).toBe('settling')
  })

  it('leaves what has long not been wanted though its successor flaps', () => {
    const world = standing()
    world.pass(300_000)
    for (let turn = 0; turn < 8; turn += 1) {
      world.want(wantedOf('www', turn % 2 === 0 ? [2, 3] : [2]))
      world.ask('change')
      world.pass(20_000)
    }
    expect(valuesIn(world)).not.toContain('192.0.2.1')
    expect(world.landings).toHaveLength(2)
  })

  it('lowers the TTL at once and restores it when all has been well for a while', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [1], { ttl: 30, degraded: true }))
    world.ask('change')
    world.pass(100)
    expect(world.sets[0]?.ttl).toBe(30)
    expect(world.told).toHaveLength(1)
    // Answers do not wait for the hold time of a TTL.
    world.want(wantedOf('www', [2], { ttl: 30, degraded: true }))
    world.ask('change')
    world.pass(32_000)
    expect(world.sets).toEqual([setOf('www', [2], { ttl: 30 })])
    world.want(wantedOf('www', [2]))
    world.ask('change')
    world.pass(40_000)
    expect(world.sets[0]?.ttl).toBe(30)
    expect(guardIn(world)?.guard).toBe('hold-time')
    world.pass(90_000)
    expect(world.sets[0]?.ttl).toBe(60)
    expect(world.landings).toHaveLength(4)
  })

  it('writes the lower TTL with other answers where these are wanted, too', () => {
    const world = standing()
    world.pass(300_000)
    world.want(wantedOf('www', [2], { ttl: 30, degraded: true }))
    world.ask('change')
    world.pass(29_000)
    expect(world.landings).toHaveLength(1)
    world.pass(2000)
    expect(world.sets).toEqual([setOf('www', [2], { ttl: 30 })])
    expect(world.landings).toHaveLength(2)
    world.pass(100)
    expect(world.told).toEqual([
      'nothing → 192.0.2.1: as decided',
      '192.0.2.1 → 192.0.2.2: as decided',
    ])
  })

  it('takes no more sets than one run may, and those first that wait for longest', () => {
    const world = new ZoneWorld()
    world.zoneTerms = { ...world.zoneTerms, maximumChanges: 2 }
    world.want(...['a', 'b', 'c', 'd', 'e'].map((id) => wantedOf(id, [1])))
    world.ask()
    world.pass(1000)
    expect(world.sets.map(({ name }) => name[0])).toEqual(['a', 'b'])
    world.minutes(3)
    expect(world.applies.map(({ changes }) => changes.length)).toEqual([2, 2, 1])
  })

  it('is one, however many ask, and one more for those who asked meanwhile', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    for (let count = 0; count < 5; count += 1) world.ask('change')
    world.pass(10)
    for (let count = 0; count < 5; count += 1) world.ask('change')
    world.pass(60_000)
    expect(world.effects.filter(({ type }) => type === 'survey')).toHaveLength(2)
  })

  it('is waited for beyond its lease while the process that began it lives', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(10)
    world.conduct = { ...GOOD, tookMs: 100_000 }
    world.pass(20)
    world.conduct = GOOD
    world.minutes(6)
    expect(world.applies).toHaveLength(1)
    expect(world.deeds).toHaveLength(1)
    expect(world.state.pause).toBe(null)
  })

  it('is not begun more than once a second, however often conditions change', () => {
    const world = standing()
    world.effects.length = 0
    for (let count = 0; count < 100; count += 1) {
      world.ask('change')
      world.pass(100)
    }
    const surveys = world.effects.filter(({ type }) => type === 'survey')
    expect(surveys.length).toBeGreaterThan(8)
    expect(surveys.length).toBeLessThan(12)
  })
})

describe('an interrupted run', () => {
  it('is waited for, and what it had made is told once', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(20)
    expect(world.state.run?.phase).toBe('apply')
    world.crash(1000)
    world.pass(30_000)
    expect(toZoneView(world.state, world.clockMs)).toMatchObject({
      run: 'applying',
      runUntilMs: (world.state.run?.sinceMs ?? 0) + 60_000,
      isCutShort: true,
    })
    expect(world.effects.filter(({ type }) => type === 'survey')).toHaveLength(1)
    world.minutes(3)
    expect(world.applies).toHaveLength(1)
    expect(world.deeds).toEqual([{ before: undefined, after: setOf('www', [1]) }])
    const reasons = world.heard.flatMap(({ deed }) => deed?.reason ?? [])
    expect(reasons).toEqual(['made by a run that was interrupted: as decided'])
  })

  it('that could not be told is told by the next process at once', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.hearing = 'lost-answer'
    world.ask()
    world.pass(65)
    expect(world.effects.at(-1)?.type).toBe('tell')
    world.crash(undefined)
    world.pass(100)
    expect(world.deeds).toHaveLength(1)
  })

  it('that had made nothing is made again', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(20)
    world.crash(undefined)
    world.minutes(3)
    expect(world.applies).toHaveLength(2)
    expect(world.deeds).toHaveLength(1)
  })

  it('is told as what it most likely was, where two began what stands', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(20)
    world.crash(undefined)
    world.sets = [setOf('www', [1, 2])]
    while (world.applies.length < 2) world.pass(10)
    world.crash(0)
    world.minutes(3)
    expect(world.deeds).toEqual([{ before: setOf('www', [1, 2]), after: setOf('www', [1]) }])
  })

  it('is told in as many words as a state has room for', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1], { reason: 'x'.repeat(1024) }))
    world.ask()
    world.pass(20)
    world.crash(1000)
    world.minutes(3)
    expect(world.state.records['www']?.lastChange?.changes[0]?.reason).toMatch(/^made by .*x…$/)
    world.crash(undefined)
    expect(world.sets).toEqual([setOf('www', [1])])
  })

  it('is told also when its record has left the configuration', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(20)
    world.crash(1000)
    world.want(wantedOf('other', [2]))
    world.minutes(3)
    expect(world.deeds).toContainEqual({ before: undefined, after: setOf('www', [1]) })
    expect(world.sets).toContainEqual(setOf('www', [1]))
    world.minutes(120)
    expect(Object.keys(world.state.records)).toEqual(['other'])
  })
})

describe('a record that gets another name', () => {
  it('begins anew there, and what its last run had made under the old one is told', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.ask()
    world.pass(20)
    world.crash(1000)
    const key = { name: 'w3.example.com', type: 'A' } as const
    const sets = [{ ...setOf('www', [1]), ...key }]
    world.want(wantedOf('www', [1], { key, sets }))
    world.minutes(3)
    expect(world.sets).toEqual([setOf('www', [1]), ...sets])
    expect(world.deeds).toEqual([
      { before: undefined, after: setOf('www', [1]) },
      { before: undefined, after: sets[0] },
    ])
  })
})

describe('before anything is done', () => {
  it('a preview says what a run would do and changes nothing', () => {
    const world = standing()
    world.pass(300_000)
    world.records['www'] = { ...TERMS, settleMs: 0 }
    world.want(wantedOf('www', [2]))
    const before = structuredClone(world.state)
    const preview = previewRun(world.state, world.see(), world.clockMs)
    expect(preview).toEqual({
      changes: [
        {
          record: 'www',
          before: setOf('www', [1]),
          after: setOf('www', [2]),
          reason: 'as decided',
        },
      ],
      held: [],
    })
    expect(world.state).toEqual(before)
  })
})
