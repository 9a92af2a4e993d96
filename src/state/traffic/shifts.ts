import { Failback, HoldDown, Ramp } from '../../schema/ramp.ts'
import { isRampOver } from '../ramp/state.ts'
import { type Weights, betweenWeights } from '../ramp/share.ts'
import { startRamp } from '../ramp/ramp.ts'
import { requestConfirmation } from './confirmations.ts'
import type { StartShift, Step, Told, TrafficEffect } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { overrodeNotice } from './notice.ts'
import { withRouteWeights } from './plan.ts'
import { type TrafficState, withEntry } from './state.ts'

/** How a shift goes that names no ramp. */
const USUAL: Ramp = Ramp.parse({})

/** A shift neither comes back nor falls for ever: it asks no policy, and is held as what recovers is by default. */
const HOLD = HoldDown.parse({})
const NO_WAIT = Failback.parse({})

/** How long after an attempt to make a revision of a shift that is done the next one follows. */
const LAND_RETRY_MS = 30_000

/** An operator sends the weights of a route on their way, step by step. */
export function startShift(state: TrafficState, event: StartShift, nowMs: number): Step {
  const route = state.plan?.routes[event.route]
  const from = route?.weights
  const objection = objectionTo(state, event)
  if (objection || from === undefined) {
    const told = objection ?? conflict(`route "${event.route}" has no one map of weights`)
    return [state, [{ type: 'told', told }]]
  }
  const to = { ...zeros(from), ...event.to }
  if (isSameSplit(from, to)) {
    return [state, [{ type: 'told', told: { outcome: 'unchanged', overrode: [] } }]]
  }
  const ramp = event.ramp === undefined ? USUAL : (state.plan?.ramps[event.ramp] ?? USUAL)
  const refusals = refusalsOf(state, withWeights(state, event.route, to), ramp)
  if (refusals.length > 0 && !event.override) {
    return [state, [{ type: 'told', told: { outcome: 'refused', refusals } }]]
  }
  const serial = state.serial + 1
  const id = `shift:${serial}`
  const target = `route:${event.route}`
  const started = startRamp(
    {
      id,
      use: 'shift',
      subject: { type: 'route', id: event.route },
      from: { ...from },
      to,
      settings: { ramp, holdDown: HOLD, failback: NO_WAIT },
      startedBy: event.actor.name,
    },
    nowMs,
  )
  const begun = { ...state, serial, ramps: withEntry(state.ramps, id, started) }
  const action = `shift of ${target} to ${JSON.stringify(to)}`
  const reversal = { type: 'ramp', id } as const
  const revocable = { asked: event, action, target, reversal }
  const [next, confirmation] = requestConfirmation(begun, revocable, nowMs)
  const audit: TrafficEffect = {
    type: 'audit',
    deed: {
      action: 'shift.start',
      target,
      actor: event.actor,
      reason: event.reason,
      before: from,
      after: { id, to },
      ...(refusals.length > 0 && { overrode: refusals }),
    },
    atMs: nowMs,
  }
  const overrode = overrodeNotice(next, { key: target, actor: event.actor, refusals }, nowMs)
  const done: Told = { outcome: 'done', ramp: started, confirmation, overrode: refusals }
  return [next, [{ type: 'told', told: done }, audit, ...overrode]]
}

function objectionTo(state: TrafficState, { route, to, ramp }: StartShift): Told | undefined {
  const { plan } = state
  if (plan === null) return conflict('the configuration in force cannot be read by this release')
  if (!Object.hasOwn(plan.routes, route)) return missing('route that steers', route)
  const stranger = Object.keys(to).find((pool) => !Object.hasOwn(plan.pools, pool))
  if (stranger !== undefined) return missing('pool', stranger)
  if (ramp !== undefined && !Object.hasOwn(plan.ramps, ramp)) return missing('ramp', ramp)
  if (!Object.values(to).some((weight) => weight > 0)) return conflict('every weight is 0')
  const unconfirmed = Object.values(state.confirmations).find(
    ({ target, reversal }) => target === `route:${route}` && reversal.type === 'revision',
  )
  if (unconfirmed !== undefined) {
    return conflict(
      `"${unconfirmed.id}" waits to be confirmed: the weights of "${route}" may revert`,
    )
  }
  const running = shiftOf(state, route)
  if (running !== undefined) return conflict(`${running} moves the weights of "${route}" already`)
  return undefined
}

function missing(kind: string, id: string): Told {
  return { outcome: 'not-found', detail: `there is no ${kind} "${id}"` }
}

function conflict(detail: string): Told {
  return { outcome: 'conflict', detail }
}

/** The shift that moves the weights of a route now, or is about to land. */
export function shiftOf({ ramps, landings }: TrafficState, route: string): string | undefined {
  const isOf = ({ use, subject }: (typeof ramps)[string]) => use === 'shift' && subject.id === route
  const running = Object.values(ramps).find((ramp) => isOf(ramp) && !isRampOver(ramp))
  if (running !== undefined) return running.id
  return Object.entries(landings).find(([, landing]) => landing.route === route)?.[0]
}

/** Whether two maps of weights send the same share everywhere. */
export function isSameSplit(one: Weights, other: Weights): boolean {
  const [left, right] = [betweenWeights(one, one, 0), betweenWeights(other, other, 0)]
  const pools = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...pools].every((pool) => (left[pool] ?? 0) === (right[pool] ?? 0))
}

/** Traffic as it would be if a route had these weights. */
export function withWeights(state: TrafficState, route: string, weights: Weights): TrafficState {
  return state.plan === null
    ? state
    : { ...state, plan: withRouteWeights(state.plan, route, weights) }
}

function zeros(weights: Weights): Record<string, number> {
  return Object.fromEntries(Object.keys(weights).map((pool) => [pool, 0]))
}

/** Asks again for revisions of shifts that are done: the process that was asked may have ended. */
export function landDue(state: TrafficState, nowMs: number): Step {
  const due = Object.entries(state.landings).filter(
    ([, { askedAtMs }]) => askedAtMs > nowMs || askedAtMs + LAND_RETRY_MS <= nowMs,
  )
  if (due.length === 0) return [state, []]
  const asked = due.map(([id, landing]) => [id, { ...landing, askedAtMs: nowMs }] as const)
  const effects = due.map(([ramp, { route, weights, by }]) => {
    return { type: 'land', ramp, route, weights, by } as const
  })
  return [{ ...state, landings: { ...state.landings, ...Object.fromEntries(asked) } }, effects]
}

/** When a landing is asked for again. */
export function landingsWakeAtMs({ landings }: TrafficState): number | undefined {
  const times = Object.values(landings).map(({ askedAtMs }) => askedAtMs + LAND_RETRY_MS)
  return times.length === 0 ? undefined : Math.min(...times)
}
