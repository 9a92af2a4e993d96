import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/schema/dns-answer.ts'
import { toZoneView } from '../../../src/state/dns/view.ts'
import { answerIn, setOf, TERMS, wantedOf } from './records.ts'
import { GOOD, standing, ZoneWorld } from './world.ts'

const RESOLVER = { target: 'https://dns.example/dns-query', kind: 'resolver', afterMs: 40 } as const

/** A zone whose one record is about to go from .1 to .2; nobody waits for anything. */
function moving(): ZoneWorld {
  const world = standing()
  world.zoneTerms = { ...world.zoneTerms, checkMs: 300_000 }
  world.records['www'] = { ...TERMS, settleMs: 0 }
  world.pass(300_000)
  world.want(wantedOf('www', [2]))
  return world
}

function recordIn({ state, clockMs }: ZoneWorld) {
  return toZoneView(state, clockMs)?.records[0]
}

function checkTimes({ effects }: ZoneWorld, sinceMs: number): readonly number[] {
  return effects.flatMap(({ type, atMs }) => (type === 'check' ? [atMs - sinceMs] : []))
}

describe('after a change', () => {
  it('answers are looked at until all have moved, and how long each took is known', () => {
    const world = moving()
    const movesMs = world.nowMs + 20_000
    world.answers = (effect) => [
      answerIn(world.sets, effect),
      answerIn(world.nowMs < movesMs ? [setOf('www', [1])] : world.sets, effect, RESOLVER),
    ]
    world.ask('change')
    world.pass(60_000)
    const changedMs = world.state.records['www']?.moving?.sinceMs ?? 0
    expect(checkTimes(world, changedMs).map((ms) => Math.round(ms / 1000))).toEqual([
      1, 3, 7, 15, 31,
    ])
    expect(recordIn(world)?.move).toEqual({
      sinceMs: changedMs,
      verdict: 'moved',
      targets: {
        'ns1.example.com:53': { movedMs: 1005 },
        'https://dns.example/dns-query': { movedMs: 31_120 },
      },
    })
    expect(world.notices).toEqual([])
  })

  it('a resolver that never answers anew is told of after twice the TTL and five minutes, until it does', () => {
    const world = moving()
    let isOld = true
    const old: CheckResult = { ...RESOLVER, outcome: 'other', values: ['192.0.2.1'] }
    world.answers = (effect) => [answerIn(world.sets, effect), ...(isOld ? [old] : [])]
    world.ask('change')
    world.pass(419_000)
    expect(world.notices).toEqual([])
    world.minutes(2)
    expect(recordIn(world)?.move?.verdict).toBe('divergent')
    const [notice] = world.matters
    expect(notice).toMatchObject({
      subject: { type: 'record', id: 'www', zone: 'main/example.com' },
      text: expect.stringContaining('https://dns.example/dns-query answers 192.0.2.1'),
      resolves: false,
    })
    isOld = false
    world.minutes(6)
    expect(world.matters.at(-1)).toMatchObject({ dedupKey: notice?.dedupKey, resolves: true })
  })

  it('what was asked before other answers were wanted says nothing of these', () => {
    const world = moving()
    world.ask('change')
    world.pass(500)
    const expected = [setOf('www', [1])]
    const results: CheckResult[] = [{ ...RESOLVER, outcome: 'other', values: ['192.0.2.2'] }]
    world.step({ type: 'checked', record: 'www', expected, atMs: world.clockMs, results })
    expect(world.state.records['www']).toMatchObject({ apartSinceMs: null, answers: { results } })
  })

  it('nobody who answers is nobody who disagrees', () => {
    const world = moving()
    world.answers = () => [{ ...RESOLVER, outcome: 'failed', why: 'no answer' }]
    world.ask('change')
    world.minutes(15)
    expect(recordIn(world)?.move).toMatchObject({ verdict: 'unseen', targets: {} })
    expect(world.notices).toEqual([])
  })

  it('checks that are lost end, too', () => {
    const world = moving()
    world.ask('change')
    world.minutes(15)
    expect(recordIn(world)?.move).toMatchObject({ verdict: 'unseen' })
    expect(world.effects.filter(({ type }) => type === 'check').length).toBeLessThan(14)
  })

  it('of a proxied record nobody is asked, since others answer for it', () => {
    const world = moving()
    const sets = [setOf('www', [2], { ttl: 1, proxied: true })]
    world.want(wantedOf('www', [2], { sets }))
    world.answers = () => []
    world.ask('change')
    world.minutes(15)
    expect(world.sets).toEqual(sets)
    expect(checkTimes(world, 0)).toEqual([])
  })
})

describe('while nothing changes', () => {
  it('each record is looked at once in an interval, and not all at the same time', () => {
    const world = new ZoneWorld()
    world.zoneTerms = { ...world.zoneTerms, checkMs: 300_000, maximumChanges: 500 }
    world.want(...Array.from({ length: 100 }, (_, at) => wantedOf(`r${at}`, [1])))
    world.answers = (effect) => [answerIn(world.sets, effect)]
    world.minutes(10)
    world.effects.length = 0
    world.minutes(5)
    const asked = world.effects.flatMap((effect) => (effect.type === 'check' ? [effect] : []))
    expect(new Set(asked.map(({ record }) => record)).size).toBe(100)
    expect(asked).toHaveLength(100)
    const minutes = asked.map(({ atMs }) => Math.floor((atMs - world.nowMs) / 60_000))
    for (const minute of [-5, -4, -3, -2, -1]) {
      expect(minutes.filter((each) => each === minute).length).toBeLessThan(40)
    }
  })

  it('what stands otherwise than decided for too long is told with what holds it, and when it is over', () => {
    const world = standing()
    world.freeze('www', true)
    world.want(wantedOf('www', [2]))
    world.minutes(11)
    expect(world.notices).toEqual([])
    world.minutes(2)
    const [notice] = world.matters
    expect(notice?.text).toBe(
      'there stands 192.0.2.1; wanted is 192.0.2.2, since as decided (frozen: by ops: wait)',
    )
    world.freeze('www', false)
    world.minutes(2)
    expect(world.notices.at(-1)).toBe('DNS answers for www as the proxy decides again')
  })

  it('where changes are only told nobody is told that answers differ', () => {
    const world = standing()
    world.records['www'] = { ...TERMS, dryRun: true }
    world.want(wantedOf('www', [2]))
    world.minutes(30)
    expect(world.notices).toEqual([])
    expect(recordIn(world)?.divergesSinceMs).toBeGreaterThan(0)
  })

  it('a quiet zone writes nothing but that it was looked at', () => {
    const world = standing()
    world.minutes(2)
    const { records, terms, news } = world.state
    world.minutes(5)
    expect(world.state.records).toBe(records)
    expect(world.state.terms).toBe(terms)
    expect(world.state.news).toBe(news)
    expect(world.conduct).toBe(GOOD)
  })
})
