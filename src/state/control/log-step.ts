import type { Config } from '../../schema/config.ts'
import type { Wake } from '../machine.ts'
import { type RevisionEvent, revisionLog } from '../revision/revision.ts'
import { conditionsOf } from '../traffic/conditions.ts'
import { configure } from '../traffic/configure.ts'
import type { Step, TrafficEffect } from '../traffic/event.ts'
import { toTrafficPlan } from '../traffic/plan.ts'
import { stepTraffic } from '../traffic/step.ts'
import type { ControlEffect } from './event.ts'
import { type ControlState, trafficIn } from './state.ts'

/** Effects of all parts, those included that another part of the machine takes. */
export type InnerEffect =
  | ControlEffect
  | TrafficEffect
  | { readonly type: 'configured'; readonly config: Config }

/** What an event leads to. */
export type ControlStep = readonly [ControlState, readonly InnerEffect[]]

/** The state with another one of traffic, and what follows from it. */
export function withTraffic(state: ControlState, [traffic, effects]: Step): ControlStep {
  return [{ ...state, ...traffic }, effects]
}

/** A step of the log; a configuration that comes into force by it is one for traffic too. */
export function stepLog(
  state: ControlState,
  event: RevisionEvent | Wake,
  nowMs: number,
): ControlStep {
  const [log, effects] = revisionLog.step(state.log, event, nowMs)
  const next = log === state.log ? state : { ...state, log }
  const stored = effects.find((effect) => effect.type === 'store')
  if (stored === undefined) return [next, effects]
  const { config } = stored.entry
  const [moved, more] = withTraffic(
    next,
    bringIn(next, { config, revision: stored.revision }, nowMs),
  )
  return [moved, [...effects, ...more, { type: 'configured', config }]]
}

interface InForce {
  readonly config: Config
  readonly revision: number
}

/** What a configuration means for traffic that comes into force, or is in force when a process begins. */
export function bringIn(state: ControlState, { config, revision }: InForce, nowMs: number): Step {
  const [next, effects] = configure(trafficIn(state), toTrafficPlan(config, revision), nowMs)
  const [settled, more] = stepTraffic(next, { type: 'wake' }, nowMs)
  return [{ ...settled, conditions: conditionsOf(settled) }, [...effects, ...more]]
}
