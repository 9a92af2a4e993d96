import { type Failback, Ramp } from '../../schema/ramp.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import { moveTo, toPhase } from '../ramp/move.ts'
import { isRampOver, type RampState } from '../ramp/state.ts'
import { startRamp, stepRamp } from '../ramp/ramp.ts'
import { type Step, chain } from './event.ts'
import { notice } from './notice.ts'
import type { PoolPlan } from './plan.ts'
import { type RampNews, dropRamps, tellRamp } from './ramps.ts'
import { growingPools } from './shift-pools.ts'
import { isUsable, rampOf, stateOf, usableOrigins } from './standing.ts'
import { toKey, type TrafficState, withEntry, withoutEntries } from './state.ts'

/** What comes back at once still asks its failback policy. */
const AT_ONCE: Ramp = Ramp.parse({ steps: [100], dwell: '1s', gate: { minSamples: 0 } })

/** What comes back, and how. */
export interface Return {
  readonly subject: RampSubject
  /** The share that it has still: it goes on from the step at or below that. Default: nothing. */
  readonly fromPercent?: number
  /** Whether an operator asks for it now: then it need not wait for the failback policy. */
  readonly isAsked?: boolean
  /** Whether the clients that are bound to it never had to leave: those of a drain that is called off in its time. */
  readonly hasKept?: boolean
}

/**
 * An origin or pool is well again, or an operator lets it serve again: it comes back by the ramp of its pool,
 * if that has one. Where the pool itself takes nothing or is on its way back, the pool's ramp carries its origins.
 */
export function comeBack(state: TrafficState, back: Return, nowMs: number): Step {
  const { plan } = state
  const { subject } = back
  const id = subject.type === 'pool' ? subject.id : (plan?.poolOf[subject.id] ?? '')
  const settings = plan?.pools[id]
  if (settings === undefined || stateOf(state, subject) !== 'ready') return [state, []]
  const isDown = Object.hasOwn(state.down, id)
  if (subject.type === 'pool') return isDown ? [state, []] : begin(state, back, nowMs)
  const pool = { type: 'pool', id } as const
  const ramp = rampOf(state, pool)
  // At its last step the ramp of the pool holds nothing back any more.
  const isReturning = ramp?.use === 'recovery' && ramp.percent < 100
  const isCarried = isDown || isReturning || stateOf(state, pool) !== 'ready'
  if (isCarried || !isUsable(state, subject.id)) return [state, []]
  return settings.recovery === undefined ? [state, []] : begin(state, back, nowMs)
}

function begin(state: TrafficState, back: Return, nowMs: number): Step {
  const { subject } = back
  const id = toKey(subject)
  const pool = subject.type === 'pool' ? subject.id : (state.plan?.poolOf[subject.id] ?? '')
  const plan = state.plan?.pools[pool]
  const ramp = plan && rampFor(plan)
  if (plan === undefined || ramp === undefined || stateOf(state, subject) !== 'ready') {
    return [state, []]
  }
  if (rampOf(state, subject)?.use === 'recovery') {
    return tellRamp(state, id, { event: { type: 'well' }, nowMs })
  }
  const { holdDown, failback } = plan
  const settings = { ramp, holdDown, failback }
  const start = { id, use: 'recovery', subject, settings, startedBy: 'portolan' } as const
  const started = advance(startRamp(start, nowMs), back, nowMs)
  const news = {
    kind: 'ramp',
    severity: 'info',
    subject,
    title: `${subject.type} ${subject.id} is well again and comes back by steps`,
    text: `steps ${ramp.steps.join('/')} %, each at least ${ramp.dwell / 1000} s`,
    dedupKey: `ramp:${id}`,
    resolves: false,
  } as const
  const begun = { ...state, ramps: withEntry(state.ramps, id, started) }
  const carried = subject.type === 'pool' ? carriedBy(begun, pool) : []
  const [next, effects] = dropRamps(begun, carried, nowMs)
  return [next, [notice(state, news, nowMs), ...effects]]
}

/** What is let go by an operator, or has a share still, does not begin with nothing. */
function advance(
  ramp: RampState,
  { fromPercent = 0, isAsked = false, hasKept = false }: Return,
  nowMs: number,
): RampState {
  const reached = ramp.settings.ramp.steps.findLastIndex((step) => step <= fromPercent)
  const isStuck = isAsked && ramp.at < 0
  const begun = isStuck ? stepRamp(ramp, { type: 'promote' }, nowMs) : ramp
  const at = reached > begun.at ? toPhase(moveTo(begun, reached), 'stepping', nowMs) : begun
  return hasKept && at.at >= 0 ? { ...at, attemptAtMs: 0 } : at
}

function rampFor({ recovery, failback }: PoolPlan): Ramp | undefined {
  return recovery ?? (isPlain(failback) ? undefined : AT_ONCE)
}

function isPlain({ mode, delay }: Failback): boolean {
  return mode === 'auto' && delay === 0
}

/** Looks which of these pools went below their minimum of usable origins, and which came back to it. */
export function settlePools(state: TrafficState, pools: readonly string[], nowMs: number): Step {
  return chain(
    state,
    ...pools.map((pool) => (current: TrafficState) => settlePool(current, pool, nowMs)),
  )
}

function settlePool(state: TrafficState, pool: string, nowMs: number): Step {
  const minimum = state.plan?.pools[pool]?.minimumOrigins
  if (minimum === undefined) return [state, []]
  const usable = usableOrigins(state, pool).length
  const wasDown = Object.hasOwn(state.down, pool)
  if (usable < minimum === wasDown) return [state, []]
  const text = `${usable} usable origins, at least ${minimum} wanted`
  return wasDown ? poolUp(state, { pool, text }, nowMs) : poolDown(state, { pool, text }, nowMs)
}

interface PoolNews {
  readonly pool: string
  readonly text: string
}

function poolDown(state: TrafficState, { pool, text }: PoolNews, nowMs: number): Step {
  const down = { ...state, down: withEntry(state.down, pool, { sinceMs: nowMs }) }
  const event = { type: 'breach', why: `pool ${pool} is down: ${text}` } as const
  const [next, effects] = tellRamps(down, rampsOnto(down, pool), { event, nowMs })
  return [next, [...effects, notice(state, newsOf(pool, text, 'down'), nowMs)]]
}

function poolUp(state: TrafficState, { pool, text }: PoolNews, nowMs: number): Step {
  const subject = { type: 'pool', id: pool } as const
  const [next, effects] = chain(
    { ...state, down: withoutEntries(state.down, [pool]) },
    (current) => {
      const ids = rampsOnto(current, pool).filter((id) => isWellFor(current, id))
      return tellRamps(current, ids, { event: { type: 'well' }, nowMs })
    },
    (current) => begin(current, { subject }, nowMs),
  )
  return [next, [notice(state, newsOf(pool, text, 'up'), nowMs), ...effects]]
}

/** Ramps that bring traffic to a pool: its own recovery, and shifts of which it is to get more. */
function rampsOnto({ ramps }: TrafficState, pool: string): string[] {
  const running = Object.values(ramps).filter((ramp) => !isRampOver(ramp))
  const onto = running.filter((ramp) =>
    ramp.use === 'shift'
      ? growingPools(ramp).includes(pool)
      : ramp.use === 'recovery' && ramp.id === `pool:${pool}`,
  )
  return onto.map(({ id }) => id)
}

/** A shift onto several pools is well again when none of them is down. */
function isWellFor({ ramps, down }: TrafficState, id: string): boolean {
  const ramp = ramps[id]
  return ramp?.use !== 'shift' || !growingPools(ramp).some((pool) => Object.hasOwn(down, pool))
}

/** Ramps of origins that the ramp of their pool stands for; what an operator stopped stays stopped. */
function carriedBy({ plan, ramps }: TrafficState, pool: string): string[] {
  const origins = Object.keys(plan?.pools[pool]?.origins ?? {}).map((id) => `origin:${id}`)
  return origins.filter((key) => {
    const ramp = ramps[key]
    return ramp?.use === 'recovery' && !isRampOver(ramp) && !isStopped(ramp.phase)
  })
}

function tellRamps(state: TrafficState, ids: readonly string[], news: RampNews): Step {
  return chain(state, ...ids.map((id) => (current: TrafficState) => tellRamp(current, id, news)))
}

function isStopped(phase: string): boolean {
  return phase === 'paused' || phase === 'aborted'
}

function newsOf(pool: string, text: string, way: 'down' | 'up') {
  const isDown = way === 'down'
  return {
    kind: 'health',
    severity: isDown ? 'critical' : 'info',
    subject: { type: 'pool', id: pool },
    title: isDown ? `pool ${pool} is down` : `pool ${pool} has enough usable origins again`,
    text,
    dedupKey: `pool:${pool}`,
    resolves: !isDown,
  } as const
}
