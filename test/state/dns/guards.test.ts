import { describe, expect, it } from 'vitest'
import { toZoneView } from '../../../src/state/dns/view.ts'
import { setOf, TERMS, unmarked, wantedOf } from './records.ts'
import { ZoneWorld, standing, valuesIn, guardIn } from './world.ts'

describe('guards', () => {
  it('touch nothing that has no mark, and name the mark that would hand it over', () => {
    const world = new ZoneWorld()
    world.sets = [unmarked(setOf('www', [9]))]
    world.want(wantedOf('www', [1]))
    world.minutes(3)
    expect(world.applies).toEqual([])
    expect(guardIn(world)).toMatchObject({
      guard: 'unmarked',
      words: expect.stringContaining('"heritage=portolan,owner=portolan,record=www"'),
    })
  })

  it('touch nothing of another deployment', () => {
    const world = new ZoneWorld()
    world.sets = [setOf('www', [9], { mark: { owner: 'blue', record: 'www' } })]
    world.want(wantedOf('www', [1]))
    world.minutes(3)
    expect(world.applies).toEqual([])
    expect(guardIn(world)?.guard).toBe('foreign-owner')
  })

  it('leave what stands where nothing can be said, and where too little would be left', () => {
    const world = standing()
    world.want(wantedOf('www', [], { hold: 'all pools are out' }))
    world.minutes(10)
    expect(guardIn(world)).toMatchObject({ guard: 'nothing-known', words: 'all pools are out' })
    world.sets = [setOf('www', [1, 2, 3])]
    world.records['www'] = { ...TERMS, minimumAnswers: 2 }
    world.want(wantedOf('www', [1]))
    world.minutes(10)
    expect(guardIn(world)?.guard).toBe('minimum-answers')
    expect(valuesIn(world)).toHaveLength(3)
    world.want(wantedOf('www', [1, 2]))
    world.minutes(2)
    expect(valuesIn(world)).toHaveLength(2)
  })

  it('hold what an operator froze, also after it was out of the configuration, until it is let go', () => {
    const world = standing()
    world.freeze('www', true)
    const before = world.wanted
    world.want(wantedOf('other', [7]))
    world.minutes(2)
    world.wanted = before
    world.records = { www: TERMS }
    world.want(wantedOf('www', [2]))
    world.minutes(5)
    expect(valuesIn(world)).toContain('192.0.2.1')
    expect(guardIn(world)?.guard).toBe('frozen')
    world.freeze('www', false)
    world.pass(10_000)
    expect(valuesIn(world)).not.toContain('192.0.2.1')
    const deeds = world.heard.flatMap(({ deed }) => deed?.action ?? [])
    expect(deeds.filter((action) => action !== 'dns.change')).toEqual([
      'dns.freeze',
      'dns.unfreeze',
    ])
  })

  it('remember a record that leaves the configuration and comes back', () => {
    const world = standing()
    const before = world.wanted
    world.want(wantedOf('other', [7]))
    world.minutes(1)
    world.want(...before)
    world.records['www'] = { ...TERMS, settleMs: 0, holdMs: 300_000 }
    world.want(wantedOf('www', [2]))
    world.minutes(3)
    expect(guardIn(world)?.guard).toBe('hold-time')
    world.minutes(2)
    expect(valuesIn(world)).toContain('192.0.2.2')
  })

  it('only tell where that is all that is asked for', () => {
    const world = new ZoneWorld()
    world.want(wantedOf('www', [1]))
    world.records['www'] = { ...TERMS, dryRun: true }
    world.minutes(3)
    expect(world.sets).toEqual([])
    const [record] = toZoneView(world.state, world.clockMs)?.records ?? []
    expect(record).toMatchObject({
      guard: { guard: 'dry-run' },
      difference: [{ after: setOf('www', [1]) }],
    })
  })
})
