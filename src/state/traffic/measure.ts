import { isRampOver, type RampState, windowSinceMs } from '../ramp/state.ts'
import { measureSinceMs } from '../ramp/ramp.ts'
import { type Step, chain } from './event.ts'
import { poolsBeside } from './plan.ts'
import { growingPools } from './shift-pools.ts'
import { tellRamp } from './ramps.ts'
import { isSteady, rampOf, usableOrigins } from './standing.ts'
import { type TrafficState, withEntry, withoutEntries } from './state.ts'

/** How long a question may stay open before it is asked again, and how many origins are asked on each side. */
export const MEASURE = { leaseMs: 5000, origins: 32 } as const

/** Asks for the counts that ramps want to go by. */
export function askDue(state: TrafficState, nowMs: number): Step {
  const due = Object.values(state.ramps).filter((ramp) => {
    if (isRampOver(ramp) || measureSinceMs(ramp, nowMs) === undefined) return false
    const askedAtMs = state.asked[ramp.id] ?? -Infinity
    // A clock that went back must not hold the question.
    return askedAtMs > nowMs || nowMs - askedAtMs >= MEASURE.leaseMs
  })
  return chain(state, ...due.map((ramp) => (current: TrafficState) => ask(current, ramp, nowMs)))
}

/** A question was answered: the next one may follow when the ramp wants it. */
export function answered(state: TrafficState, ramp: string): TrafficState {
  return { ...state, asked: withoutEntries(state.asked, [ramp]) }
}

function ask(state: TrafficState, ramp: RampState, nowMs: number): Step {
  const { subject, peers } = sidesOf(state, ramp)
  const asked = { ...state, asked: withEntry(state.asked, ramp.id, nowMs) }
  if (subject.length === 0) {
    const event = { type: 'unmeasured', why: 'no origin of it may serve' } as const
    return tellRamp(asked, ramp.id, { event, nowMs })
  }
  const sides = {
    subject: subject.slice(0, MEASURE.origins),
    peers: peers.slice(0, MEASURE.origins),
  }
  return [asked, [{ type: 'measure', ramp: ramp.id, sinceMs: windowSinceMs(ramp), ...sides }]]
}

interface Sides {
  readonly subject: readonly string[]
  readonly peers: readonly string[]
}

/** Whose traffic is judged, and by whose: what moves, and what stands beside it with its whole share. */
function sidesOf(state: TrafficState, ramp: RampState): Sides {
  if (ramp.use === 'shift') return sidesOfShift(state, ramp)
  const { id, type } = ramp.subject
  const siblings = type === 'origin' ? siblingsOf(state, id) : []
  const pool = type === 'origin' ? (state.plan?.poolOf[id] ?? '') : id
  if (ramp.use === 'drain') {
    // Those that take over are on trial: they have to do as well as what leaves.
    const leaving = type === 'origin' ? [id] : usableOrigins(state, id)
    return { subject: siblings.length > 0 ? siblings : originsBeside(state, pool), peers: leaving }
  }
  if (type === 'origin') return { subject: [id], peers: siblings }
  return { subject: usableOrigins(state, id), peers: originsBeside(state, id) }
}

/** The other usable origins of the pool that no ramp moves. */
function siblingsOf(state: TrafficState, origin: string): string[] {
  const pool = state.plan?.poolOf[origin]
  if (pool === undefined) return []
  return usableOrigins(state, pool).filter(
    (id) => id !== origin && rampOf(state, { type: 'origin', id }) === undefined,
  )
}

function originsBeside(state: TrafficState, pool: string): string[] {
  const beside = state.plan ? poolsBeside(state.plan, pool) : []
  return originsOf(state, beside)
}

function originsOf(state: TrafficState, pools: readonly string[]): string[] {
  return pools.filter((pool) => isSteady(state, pool)).flatMap((pool) => usableOrigins(state, pool))
}

function sidesOfShift(state: TrafficState, ramp: RampState): Sides {
  const growing = growingPools(ramp)
  const { from = {}, to = {} } = ramp
  const others = Object.keys({ ...from, ...to }).filter((pool) => !growing.includes(pool))
  return {
    subject: growing.flatMap((pool) => usableOrigins(state, pool)),
    peers: originsOf(state, others),
  }
}
