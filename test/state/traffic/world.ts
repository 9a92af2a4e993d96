import { isDeepStrictEqual } from 'node:util'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { Health } from '../../../src/schema/health.ts'
import type { Deed } from '../../../src/schema/deed.ts'
import type { AdminState } from '../../../src/schema/pool.ts'
import type { Shed } from '../../../src/schema/limit.ts'
import { parseConfig } from '../../../src/schema/parse-config.ts'
import type { Measure } from '../../../src/schema/report.ts'
import type { RampSubject } from '../../../src/schema/traffic.ts'
import { control } from '../../../src/state/control/control.ts'
import type { ControlEffect, ControlEvent } from '../../../src/state/control/event.ts'
import { ControlState, trafficIn } from '../../../src/state/control/state.ts'
import type { Wake } from '../../../src/state/machine.ts'
import type { Entry } from '../../../src/state/revision/revision.ts'
import { withAuthoredWeights } from '../../../src/state/traffic/authored.ts'
import { isSameFor } from '../../../src/state/traffic/conditions.ts'
import type { SetShedding, SetState, StartShift, Told } from '../../../src/state/traffic/event.ts'
import { isUsable, stateOf } from '../../../src/state/traffic/standing.ts'

export const START = 1_800_000_000_000

/** By text: the same few documents come in every world, and nothing changes them. */
const entries = new Map<string, Entry>()

/** A document as a revision: the reducer looks at its canonical form only. */
export function entryOf(authored: unknown): Entry {
  const text = JSON.stringify(authored)
  const known = entries.get(text)
  if (known !== undefined) return known
  const parsed = parseConfig(authored)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const { config } = parsed
  const entry = { digest: text, form: text, author: 'test', message: '', text, config }
  entries.set(text, entry)
  return entry
}

/** An operator who may do everything but go past interlocks. */
export const OPERATOR = {
  actor: { name: 'ada', from: '192.0.2.1' },
  reason: 'because',
  override: false,
} as const

/** How traffic does at an origin. */
export interface Doing {
  readonly perSecond: number
  readonly failed: number
}

type Outer = Extract<ControlEffect, { type: 'measure' | 'land' | 'revert' | 'publish' }>

/**
 * The control machine with what surrounds it: rows, a clock, an alarm, objects of origins that count traffic, and
 * a process that may end at any moment. What must hold after every step throws here.
 */
export class World {
  state: ControlState = control.initial
  nowMs = START
  readonly deeds: Deed[] = []
  readonly told: Told[] = []
  /** Effects under way. */
  flights: Outer[] = []
  /** Answers that came, and may come again. */
  readonly answers: ControlEvent[] = []
  private readonly rows = new Map<number, string>()
  private readonly doing = new Map<string, Doing>()
  private sequence = 0
  /** How many outer effects the process still lives to carry out; it ends in the middle of the next. */
  private lives = Infinity
  private fatal: Outer['type'] | undefined

  constructor(authored: AuthoredConfig) {
    this.put(authored)
  }

  put(authored: AuthoredConfig): void {
    this.dispatch({ type: 'put', entry: entryOf(authored) })
    this.land()
  }

  health(origin: string, health: Health, evidence = `${health} by test`): void {
    this.report(origin, health, evidence)
    this.land()
  }

  /** As `health`; what follows from it is still under way. */
  report(origin: string, health: Health, evidence = `${health} by test`): void {
    this.sequence += 1
    const report = { origin, sequence: this.sequence, health, evidence, sinceMs: this.nowMs }
    this.dispatch({ type: 'health', report })
  }

  /** From now on the traffic of an origin does so. */
  does(origin: string, doing: Doing): void {
    this.doing.set(origin, doing)
  }

  set(subject: string, state: AdminState, more: Partial<SetState> = {}): Told | undefined {
    const [type = '', id = ''] = subject.split(':')
    const named = { type, id } as RampSubject
    this.dispatch({ type: 'set-state', subject: named, state, ...OPERATOR, ...more })
    this.land()
    return this.told.at(-1)
  }

  shed(pool: string, shed: Shed | null, more: Partial<SetShedding> = {}): Told | undefined {
    this.dispatch({ type: 'set-shedding', pool, shed, ...OPERATOR, ...more })
    this.land()
    return this.told.at(-1)
  }

  shift(
    route: string,
    to: Record<string, number>,
    more: Partial<StartShift> = {},
  ): Told | undefined {
    this.dispatch({ type: 'start-shift', route, to, ...OPERATOR, ...more })
    this.land()
    return this.told.at(-1)
  }

  /** Steps the machine as the shell does; outer effects are under way after it. */
  dispatch(event: ControlEvent | Wake): void {
    const before = this.state
    const [next, effects] = control.step(before, event, this.nowMs)
    this.state = next
    check(before, next, event)
    for (const effect of effects) {
      if (effect.type === 'store') this.rows.set(effect.revision, effect.entry.text)
      if (effect.type === 'audit') this.deeds.push(effect.deed)
      if (effect.type === 'told') this.told.push(effect.told)
      if (isOuter(effect)) this.flights.push(effect)
    }
  }

  /** Everything that is under way comes to its end. */
  land(): void {
    for (let round = 0; this.flights.length > 0; round += 1) {
      if (round > 100) throw new Error('it never comes to rest')
      const [flight, ...rest] = this.flights
      this.flights = rest
      if (flight?.type === this.fatal) this.lives = 0
      if (flight && this.lives > 0) this.answer(flight)
      else if (flight) this.crash()
      this.lives -= 1
    }
  }

  /** The process will end when it is about to do this. */
  stopBefore(effect: Outer['type']): void {
    this.fatal = effect
  }

  /** The process will end when it has carried out so many more effects. */
  doom(lives: number): void {
    this.lives = lives
  }

  /** The process ends with all that was under way, and another takes over from what is stored. */
  crash(): void {
    this.flights = []
    this.lives = Infinity
    this.fatal = undefined
    const { plan: _, asked: __, conditions: ___, ...stored } = this.state
    const { plan, asked, conditions } = control.initial
    const read: unknown = JSON.parse(JSON.stringify(stored))
    this.state = ControlState.parse({ ...(read as object), plan, asked, conditions })
    const { current } = this.state.log
    const entry = entryOf(JSON.parse(this.rows.get(current) ?? '{}'))
    this.dispatch({ type: 'start', form: entry.form, config: entry.config })
  }

  /** Time passes; alarms ring when they are due, and what they start comes to its end. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let rung = 0; ; rung += 1) {
      if (rung > 20_000) throw new Error('the alarm never rests')
      const wakeAtMs = control.wakeAtMs(this.state)
      if (wakeAtMs === undefined || wakeAtMs > untilMs) break
      // An alarm that is due rings now; one that asks for a time in the past must not do so for ever.
      this.nowMs = Math.max(this.nowMs, wakeAtMs)
      this.dispatch({ type: 'wake' })
      this.land()
    }
    this.nowMs = untilMs
  }

  authored(): AuthoredConfig {
    return JSON.parse(this.rows.get(this.state.log.current) ?? '{}') as AuthoredConfig
  }

  private answer(effect: Outer): void {
    const event = this.eventOf(effect)
    if (event === undefined) return
    this.answers.push(event)
    this.dispatch(event)
  }

  private eventOf(effect: Outer): ControlEvent | undefined {
    switch (effect.type) {
      case 'publish':
        return { type: 'published', generation: this.state.log.generation }
      case 'measure': {
        const { ramp, sinceMs, subject, peers } = effect
        const counted = {
          subject: this.measure(subject, sinceMs),
          peers: this.measure(peers, sinceMs),
        }
        return { type: 'measured', ramp, sinceMs, ...counted }
      }
      case 'land': {
        const base = this.state.log.current
        const authored = withAuthoredWeights(this.authored(), effect.route, effect.weights)
        return authored === undefined
          ? undefined
          : { type: 'land', ramp: effect.ramp, entry: entryOf(authored), base }
      }
      case 'revert': {
        const text = this.rows.get(effect.to)
        const entry = text === undefined ? undefined : entryOf(JSON.parse(text))
        return { ...effect, entry }
      }
    }
  }

  protected measure(origins: readonly string[], sinceMs: number): Measure {
    const seconds = Math.max(0, this.nowMs - sinceMs) / 1000
    let [requests, failures] = [0, 0]
    for (const origin of origins) {
      const { perSecond, failed } = this.doing.get(origin) ?? { perSecond: 10, failed: 0 }
      const count = Math.round(perSecond * seconds)
      requests += count
      failures += Math.round(count * failed)
    }
    return { requests, failures, errors: 0, latencies: requests > 0 ? { 20: requests } : {} }
  }
}

function isOuter(effect: ControlEffect): effect is Outer {
  return ['measure', 'land', 'revert', 'publish'].includes(effect.type)
}

/** What must hold after every step. */
function check(before: ControlState, after: ControlState, event: ControlEvent | Wake): void {
  checkJson(before, after)
  const isNews = after.log.generation > before.log.generation
  if (event.type !== 'start' && !isNews && !isSameFor(before.conditions, after.conditions)) {
    throw new Error('conditions changed without a generation')
  }
  for (const { sharePercent } of [
    ...Object.values(after.conditions.origins),
    ...Object.values(after.conditions.pools),
  ]) {
    if (!(sharePercent >= 0 && sharePercent <= 100)) throw new Error(`a share of ${sharePercent}`)
  }
  for (const [route, { weights }] of Object.entries(after.conditions.routes)) {
    const all = Object.values(weights)
    if (all.some((weight) => weight < 0) || !all.some((weight) => weight > 0)) {
      throw new Error(`route ${route} has no weight left`)
    }
  }
  checkDrains(after)
  for (const [id, { shed }] of Object.entries(after.shedding)) {
    const published = after.conditions.pools[id]?.shed
    if (!isDeepStrictEqual(published, shed)) throw new Error(`what ${id} sheds is not told`)
  }
  if (!isOutside(event)) checkNeverAllOff(before, after)
}

/** Fields and their texts that were found to be brought back: worlds come to the same ones again and again. */
const broughtBack = new Set<string>()

/** JSON brings back whatever a step made; what it left alone was looked at when it was made. */
function checkJson(before: ControlState, after: ControlState): void {
  // The type of the state knows no other names; a step that adds one is found all the same.
  for (const name of Object.keys(after) as (keyof ControlState)[]) {
    if (name === 'plan' || after[name] === before[name]) continue
    const text = JSON.stringify(after[name])
    const field = `${name} ${text}`
    if (broughtBack.has(field)) continue
    const read: unknown = JSON.parse(text)
    const parsed: unknown = ControlState.shape[name].parse(read)
    if (!isDeepStrictEqual(parsed, read)) throw new Error(`JSON does not bring back ${name}`)
    broughtBack.add(field)
  }
}

/** Whatever drains has a time, no longer than its pool says; and what leaves is known to the plan and to nobody else. */
function checkDrains(state: ControlState): void {
  const { plan, conditions, leaving } = state
  const traffic = trafficIn(state)
  for (const [id, pool] of Object.entries(plan?.poolOf ?? {})) {
    const isDraining = stateOf(traffic, { type: 'origin', id }) === 'drain'
    const { drainFromMs: fromMs = NaN, drainUntilMs: untilMs = NaN } = conditions.origins[id] ?? {}
    const longest = plan?.pools[pool]?.drainTimeout
    if (isDraining && untilMs - fromMs !== longest) throw new Error(`${id} drains without a time`)
    if (!isDraining && !Number.isNaN(untilMs))
      throw new Error(`${id} has a time and does not drain`)
  }
  for (const [id, { pool }] of Object.entries(leaving)) {
    if (plan !== null && plan.poolOf[id] !== pool) throw new Error(`${id} leaves and is unknown`)
  }
}

const OURS: readonly string[] = [
  'wake',
  'measured',
  'unmeasured',
  'set-state',
  'set-shedding',
  'start-shift',
  'command',
]

/** Health comes from outside; who applies a configuration, or goes past the interlocks, says so. */
function isOutside(event: ControlEvent | Wake): boolean {
  if (event.type === 'health' || event.type === 'start') return true
  const isForced = 'override' in event && event.override
  return isForced || !OURS.includes(event.type)
}

/** No step of ours takes the last usable origin of a route away. */
function checkNeverAllOff(before: ControlState, after: ControlState): void {
  for (const [route, { pools }] of Object.entries(after.plan?.routes ?? {})) {
    const isCritical = after.plan?.shape.routes[route]?.isCritical === true
    const usable = isCritical ? usableIn : usableForNew
    if (usable(before, pools) > 0 && usable(after, pools) === 0) {
      throw new Error(`route ${route} was turned off`)
    }
  }
}

function usableForNew(state: ControlState, pools: readonly string[]): number {
  const takesNew = (id: string) => (state.shedding[id]?.shed.newPercent ?? 0) < 100
  return usableIn(state, pools.filter(takesNew))
}

function usableIn(state: ControlState, pools: readonly string[]): number {
  const traffic = trafficIn(state)
  const ready = pools.filter((id) => stateOf(traffic, { type: 'pool', id }) === 'ready')
  const origins = ready.flatMap((id) => Object.keys(state.plan?.pools[id]?.origins ?? {}))
  return origins.filter((origin) => isUsable(traffic, origin)).length
}
