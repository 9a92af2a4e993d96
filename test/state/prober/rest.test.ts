import { describe, expect, it } from 'vitest'
import { prober } from '../../../src/state/prober/prober.ts'
import { NAME, Rig, planOf, three } from './rig.ts'
import { type Behaviour, configOf, originsOf, run, toPauses } from './world.ts'

const MINUTE_MS = 60_000
/** After so long without an event an object is put to rest. */
const REST_MS = 10_000
const well: Behaviour = { afterMs: 80, ok: true }
const silent: Behaviour = { afterMs: undefined, ok: false }
const ill: Behaviour = { afterMs: 80, ok: false }

function worldOf(monitor: object, origins: number) {
  return configOf({
    monitors: { web: { regions: ['weur', 'apac', 'wnam'], ...monitor } },
    pools: { all: { monitor: 'web', origins: originsOf(origins) } },
  })
}

describe.each([
  { origins: 1, interval: '30s', minutes: 60 },
  { origins: 3, interval: '2m', minutes: 120 },
  { origins: 5, interval: '5m', minutes: 300 },
  { origins: 17, interval: '10m', minutes: 300 },
])(
  '$origins origins every $interval, by a process that rests',
  ({ origins, interval, minutes }) => {
    const config = worldOf({ interval }, origins)
    const intervalMs = config.monitors['web']?.interval ?? 0
    const durationMs = minutes * MINUTE_MS

    it.each([50, 1500])('are probed once in it, alarms being up to %i ms late', (alarmLateMs) => {
      const parts = { config, seed: 7, behave: () => well, restMs: REST_MS, alarmLateMs }
      const history = run(parts, durationMs)
      expect(history.processes).toBeGreaterThan(minutes / 3)
      const expected = (durationMs / intervalMs) * origins * 3
      // The first look of all comes out of turn.
      expect(history.probes).toBeLessThanOrEqual(expected + 2 * origins * 3)
      for (const course of history.courses.values()) {
        const mostMs = intervalMs * (1 + course.jitter) + alarmLateMs + 600
        expect(Math.max(...toPauses(course))).toBeLessThan(mostMs)
      }
      // None waits in a process that is no more.
      const { length } = history.arrivals.flatMap(({ report }) => report.results)
      expect(history.probes - length).toBeLessThanOrEqual(3)
    })

    it('are looked at at the unhealthy interval while they fail, for one row', () => {
      const unhealthyInterval = '20s'
      const slow = worldOf({ interval, unhealthyInterval }, origins)
      const history = run({ config: slow, seed: 7, behave: () => ill, restMs: REST_MS }, durationMs)
      for (const course of history.courses.values()) {
        expect(Math.max(...toPauses(course))).toBeLessThan(21_000)
      }
      expect(history.doubtRows).toBe(origins * 3)
    })
  },
)

it('a region whose network is out for a while is not taken for lost origins', () => {
  const config = worldOf({ interval: '5m', regions: ['weur'] }, 6)
  const begunMs = 1_700_000_000_000
  const isOut = (atMs: number) => atMs > begunMs + 20 * MINUTE_MS && atMs < begunMs + 40 * MINUTE_MS
  const behave = (_: string, __: string, atMs: number) => (isOut(atMs) ? silent : well)
  const history = run({ config, seed: 7, behave, restMs: REST_MS }, 60 * MINUTE_MS)
  const told = history.arrivals.filter(({ report }) => !report.isBlind)
  // No third failure of any origin is told by a prober that does not say that it is blind.
  const failures = new Map<string, number>()
  for (const { report } of told) {
    const failed = report.results.filter(({ ok }) => !ok).length
    failures.set(report.plan.origin, (failures.get(report.plan.origin) ?? 0) + failed)
  }
  expect(Math.max(...failures.values())).toBeLessThan(3)
  expect(history.arrivals.at(-1)?.report.isBlind).toBe(false)
})

describe('another process', () => {
  const hourly = { origins: three, monitor: { interval: '1h' } }

  it('probes only what has its turn when it is woken', () => {
    const rig = new Rig(hourly)
    for (const origin of ['a', 'b', 'c']) rig.end(origin)
    for (const origin of ['a', 'b', 'c']) rig.arrive(origin)
    rig.nowMs += MINUTE_MS
    rig.restart()
    expect(rig.probed).toEqual([])
    rig.rest()
    expect(rig.probed).toHaveLength(1)
  })

  it('probes at once what a new plan brings', () => {
    const rig = new Rig(hourly)
    for (const origin of ['a', 'b', 'c']) rig.end(origin)
    rig.nowMs += MINUTE_MS
    rig.restart()
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    const origins = { ...three, d: { url: 'https://d.example.com' } }
    rig.step({ type: 'planned', plan: planOf({ ...hourly, revision: 2, origins }) })
    expect(rig.probed).toEqual(['d'])
  })

  it('makes up for the turns that an overdue alarm missed', () => {
    const rig = new Rig(hourly)
    for (const origin of ['a', 'b', 'c']) rig.end(origin)
    for (const origin of ['a', 'b', 'c']) rig.arrive(origin)
    const armedMs = Math.min(...Object.values(rig.state.checks).map(({ dueMs }) => dueMs))
    rig.step({ type: 'rouse', name: NAME, revision: 1 })
    rig.nowMs = armedMs + 2 * 3_600_000
    rig.state = { ...rig.state, checks: {} }
    rig.step({ type: 'start', alarmMs: armedMs })
    expect(rig.probed.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('goes on in doubt, and counts the successes on', () => {
    const monitor = { interval: '1h', unhealthyInterval: '30s', fall: 3, rise: 2 }
    const rig = new Rig({ monitor })
    rig.end('a', 'refused')
    rig.arrive('a')
    const { doubts } = rig.state
    rig.rest()
    expect(rig.probed).toEqual(['a'])
    rig.end('a', 'refused')
    rig.arrive('a')
    expect(rig.state.doubts).toBe(doubts)
    for (let look = 0; look < 3; look += 1) {
      expect(rig.rest()).toBe(30_000)
      expect(rig.probed).toEqual(['a'])
      rig.end('a', 'ok')
      rig.arrive('a')
    }
    expect(rig.state.doubts).toEqual({})
    expect(prober.wakeAtMs(rig.state)).toBeGreaterThan(rig.nowMs + 30_000)
  })

  it('with the cron as the only driver waits for the ring', () => {
    const rig = new Rig({ origins: three, probing: 'cron' })
    for (const origin of ['a', 'b', 'c']) rig.end(origin)
    rig.restart()
    expect(rig.probed).toEqual([])
    rig.step({ type: 'rouse', name: NAME, revision: 1 })
    expect(rig.probed).toEqual(['a', 'b', 'c'])
  })
})
