import { describe, expect, it } from 'vitest'
import { prober } from '../../../src/state/prober/prober.ts'
import { PROBER_LIMITS } from '../../../src/state/prober/state.ts'
import { NAME, Rig, START_MS, planOf, three } from './rig.ts'

describe('a prober', () => {
  it('asks for its plan when it is roused, and probes all of it at once', () => {
    const rig = new Rig({ origins: three })
    expect(rig.probed).toEqual(['a', 'b', 'c'])
    rig.step({ type: 'rouse', name: NAME, revision: 1 })
    expect(rig.effects).toEqual([])
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    expect(rig.effects).toEqual([{ type: 'ask', name: NAME, revision: 1 }])
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    expect(rig.effects).toEqual([])
  })

  it('probes once in an interval while all is well, and gathers what it has to tell', () => {
    const rig = new Rig({ monitor: { profile: 'fast' } })
    rig.end('a')
    expect(rig.reported).toEqual([['a', 'ok']])
    rig.arrive('a')
    const starts: number[] = []
    const reports: (readonly string[])[] = []
    const gather = (): void => {
      for (const [origin, ...results] of rig.reported) {
        reports.push(results)
        rig.arrive(origin)
      }
    }
    while (rig.nowMs < START_MS + 40_000) {
      rig.wake()
      const isProbed = rig.probed.length > 0
      if (isProbed) starts.push(rig.nowMs)
      gather()
      if (isProbed) rig.end('a', 'ok', 20)
      gather()
    }
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
    expect(new Set(gaps)).toEqual(new Set([5000]))
    // Half a minute's worth of them.
    expect(reports).toEqual([['ok', 'ok', 'ok', 'ok', 'ok', 'ok']])
  })

  it('tells a failure at once, and looks again at the unhealthy interval until it is settled', () => {
    const rig = new Rig({ monitor: { profile: 'fast', rise: 2 } })
    rig.end('a')
    rig.arrive('a')
    rig.wake()
    rig.end('a', 'refused', 5)
    expect(rig.reported).toEqual([['a', 'refused']])
    rig.arrive('a')
    for (let look = 0; look < 3; look += 1) {
      expect(rig.wake()).toBe(995)
      expect(rig.probed).toEqual(['a'])
      rig.end('a', 'refused', 5)
      expect(rig.reported).toEqual([['a', 'refused']])
      rig.arrive('a')
    }
    // Three in a row well, as many as "fall": then it goes back to its turn.
    for (let look = 0; look < 3; look += 1) {
      expect(rig.wake()).toBe(995)
      rig.end('a', 'ok', 5)
      expect(rig.reported).toEqual([['a', 'ok']])
      rig.arrive('a')
    }
    rig.wake()
    rig.end('a', 'ok', 5)
    expect(rig.reported).toEqual([])
  })

  it('looks at once at an origin that somebody doubts, and tells what it sees', () => {
    const rig = new Rig({ monitor: { profile: 'fast' } })
    rig.end('a')
    rig.arrive('a')
    rig.nowMs += 1200
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual(['a'])
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual([])
    rig.end('a', 'ok', 10)
    expect(rig.reported).toEqual([['a', 'ok']])
    expect(rig.wake()).toBe(990)
  })

  it('looks a little later at one that it looked at just now', () => {
    const rig = new Rig({ monitor: { profile: 'fast' } })
    rig.end('a', 'ok', 20)
    rig.arrive('a')
    rig.nowMs += 10
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual([])
    expect(rig.wake()).toBe(670)
    expect(rig.probed).toEqual(['a'])
  })

  it('is not driven to more than it has connections by those who doubt', () => {
    const origins = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`o${at + 10}`, { url: `https://o${at}.example.com` }]),
    )
    const rig = new Rig({ origins })
    expect(rig.probed).toHaveLength(PROBER_LIMITS.inFlight)
    for (const origin of Object.keys(origins)) {
      expect(rig.step({ type: 'urge', origin })).toEqual([])
    }
    rig.end('o10')
    expect(rig.probed).toHaveLength(1)
    rig.step({ type: 'trials', count: 2 })
    rig.end('o11')
    rig.end('o12')
    expect(rig.probed).toHaveLength(0)
    rig.end('o13')
    expect(rig.probed).toHaveLength(1)
  })

  it('keeps results that were not taken, and sends them with the next', () => {
    const rig = new Rig({ monitor: { profile: 'fast' } })
    rig.end('a')
    rig.step({ type: 'reported', origin: 'a', ok: false })
    expect(rig.reported).toEqual([])
    rig.wake()
    rig.end('a', 'refused')
    expect(rig.reported).toEqual([['a', 'ok', 'refused']])
    const [first] = rig.reports
    rig.arrive('a')
    rig.wake()
    rig.end('a', 'refused')
    expect(rig.reported).toEqual([['a', 'refused']])
    expect(rig.reports[0]?.sequence).toBeGreaterThan(first?.sequence ?? Infinity)
  })

  it('gives later reports higher sequences, also as another process', () => {
    const rig = new Rig({ monitor: { interval: '1h' } })
    rig.end('a')
    const before = rig.reports[0]?.sequence ?? Infinity
    rig.restart()
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual(['a'])
    rig.end('a')
    expect(rig.reports[0]?.sequence).toBeGreaterThan(before)
  })

  it('probes on by its last plan while the control object is away, and asks later and later', () => {
    const rig = new Rig({ monitor: { interval: '1h' } })
    rig.end('a')
    rig.arrive('a')
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    const pauses: number[] = []
    for (let asks = 0; asks < 7; asks += 1) {
      expect(rig.effects).toMatchObject([{ type: 'ask' }])
      rig.step({ type: 'unplanned' })
      pauses.push(rig.wake())
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual(['a'])
  })

  it('asks whether it is still needed when nobody speaks to it, and rests when it is not', () => {
    const rig = new Rig({ monitor: { interval: '1h' } })
    rig.end('a')
    rig.arrive('a')
    expect(rig.wake()).toBe(300_000)
    expect(rig.effects).toEqual([{ type: 'ask', name: NAME, revision: 1 }])
    rig.step({ type: 'planned', plan: { revision: 2, driver: 'alarm', targets: [] } })
    expect(prober.wakeAtMs(rig.state)).toBeUndefined()
  })

  it('goes on with what a new plan does not change, and begins with what it does', () => {
    const rig = new Rig({ origins: three })
    for (const origin of ['a', 'b', 'c']) rig.end(origin)
    for (const origin of ['a', 'b', 'c']) rig.arrive(origin)
    const origins = { a: { url: 'https://a2.example.com' }, b: { url: 'https://b.example.com' } }
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    rig.step({ type: 'planned', plan: planOf({ revision: 2, origins }) })
    expect(rig.probed).toEqual(['a'])
    expect(Object.keys(rig.state.checks)).toEqual(['a/web', 'b/web'])
    rig.step({ type: 'planned', plan: planOf({ revision: 3, origins, monitor: { fall: 5 } }) })
    expect(rig.reports.map(({ plan, results }) => [plan.origin, results.length])).toEqual([
      ['a', 0],
      ['b', 0],
    ])
  })

  it('asks again when the plan it got is behind the revision that was spoken of', () => {
    const rig = new Rig({})
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    rig.step({ type: 'rouse', name: NAME, revision: 3 })
    rig.end('a')
    rig.arrive('a')
    rig.step({ type: 'planned', plan: planOf({ revision: 2 }) })
    expect(rig.wake()).toBe(1000)
    expect(rig.effects).toContainEqual({ type: 'ask', name: NAME, revision: 2 })
  })
})
