import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import type { ProbePlan } from '../../src/schema/probe-plan.ts'
import type { ProbeReport } from '../../src/schema/report.ts'
import { toProbePlan } from '../../src/state/probe-plan.ts'
import { type ProberEffect, type ProberEvent, prober } from '../../src/state/prober.ts'
import { INITIAL_PROBER, PROBER_LIMITS, type ProberState } from '../../src/state/prober-state.ts'

type MonitorSettings = NonNullable<AuthoredConfig['monitors']>[string]
type Origins = Readonly<Record<string, { readonly url: string }>>

const NAME = { region: 'weur', shard: 0 } as const
const START_MS = 1_000_000_000

const three: Origins = {
  a: { url: 'https://a.example.com' },
  b: { url: 'https://b.example.com' },
  c: { url: 'https://c.example.com' },
}

interface PlanParts {
  readonly revision?: number
  readonly monitor?: MonitorSettings
  readonly origins?: Origins
  readonly probing?: 'alarm' | 'cron'
}

function planOf({ revision = 1, monitor = {}, origins, probing = 'alarm' }: PlanParts): ProbePlan {
  const parsed = parseConfig({
    settings: { probing },
    monitors: { web: { regions: ['weur'], jitter: 0, ...monitor } },
    pools: { us: { monitor: 'web', origins: origins ?? { a: { url: 'https://a.example.com' } } } },
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return toProbePlan(parsed.config, revision, NAME)
}

/** A prober, the effects of its last step, and a clock. */
class Rig {
  nowMs = START_MS
  state: ProberState = INITIAL_PROBER
  effects: readonly ProberEffect[] = []

  constructor(parts: PlanParts) {
    this.step({ type: 'start' })
    this.step({ type: 'rouse', name: NAME, revision: 1 })
    this.step({ type: 'planned', plan: planOf(parts) })
  }

  step(event: ProberEvent | { readonly type: 'wake' }): readonly ProberEffect[] {
    const [state, effects] = prober.step(this.state, event, this.nowMs)
    this.state = state
    this.effects = effects
    return effects
  }

  /** Goes on to the next alarm; how long that took. */
  wake(): number {
    const atMs = Math.max(this.nowMs, prober.wakeAtMs(this.state) ?? Number.NaN)
    const passedMs = atMs - this.nowMs
    this.nowMs = atMs
    this.step({ type: 'wake' })
    return passedMs
  }

  /** Origins whose probes began with the last step. */
  get probed(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.type === 'probe' ? effect.check.origin : []))
  }

  /** Reports that went out with the last step, in short. */
  get reported(): readonly (readonly [string, ...string[]])[] {
    return this.reports.map(({ plan, results }) => [plan.origin, ...results.map(inShort)] as const)
  }

  get reports(): readonly ProbeReport[] {
    return this.effects.flatMap((effect) => (effect.type === 'report' ? effect.report : []))
  }

  end(origin: string, outcome: 'ok' | 'slow' | 'refused' | 'timeout' = 'ok', afterMs = 0): void {
    this.nowMs += afterMs
    const startedMs = this.state.checks[`${origin}/web`]?.startedMs ?? 0
    const ok = outcome === 'ok' || outcome === 'slow'
    const detail = ok ? '' : outcome
    const latencyMs = this.nowMs - startedMs
    const isAnswered = outcome !== 'timeout'
    const head = { type: 'ended', origin, monitor: 'web', startedMs } as const
    this.step({ ...head, ok, isAnswered, latencyMs, detail })
  }

  arrive(origin: string): void {
    this.step({ type: 'reported', origin, ok: true })
  }
}

function inShort({ ok, detail }: ProbeReport['results'][number]): string {
  return ok ? 'ok' : detail
}

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
    // Within ten seconds: a vote without news is void after 20 s.
    expect(reports.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => ['ok', 'ok']))
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
    rig.nowMs += 700
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual(['a'])
    rig.step({ type: 'urge', origin: 'a' })
    expect(rig.probed).toEqual([])
    rig.end('a', 'ok', 10)
    expect(rig.reported).toEqual([['a', 'ok']])
    expect(rig.wake()).toBe(990)
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
    const rig = new Rig({})
    rig.end('a')
    const before = rig.reports[0]?.sequence ?? Infinity
    const { name, starts, plan, targets } = rig.state
    rig.state = { ...INITIAL_PROBER, name, starts, plan, targets }
    rig.step({ type: 'start' })
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
