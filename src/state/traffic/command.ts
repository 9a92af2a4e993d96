import { isCommandOpen } from '../ramp/command.ts'
import { type CommandRamp, type Step, type Told, type TrafficEffect } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { overrodeNotice } from './notice.ts'
import { tellRamp } from './ramps.ts'
import { type TrafficState, entryOf, toKey } from './state.ts'

/** An operator tells a ramp to pause, to go on, to go back or forward a step, or to give up. */
export function commandRamp(state: TrafficState, event: CommandRamp, nowMs: number): Step {
  const { ramp: id, command, actor, reason } = event
  const ramp = entryOf(state.ramps, id)
  if (ramp === undefined) return [state, [told('not-found', `there is no ramp "${id}"`)]]
  if (event.confirmWithinMs !== undefined) {
    return [state, [told('conflict', 'a command to a ramp has nothing to go back to')]]
  }
  if (!isCommandOpen(ramp, command)) {
    return [state, [told('conflict', `"${command.type}" changes nothing: it is ${ramp.phase}`)]]
  }
  const [reached, effects] = tellRamp(state, id, { event: command, nowMs })
  const refusals = refusalsOf(state, reached)
  if (refusals.length > 0 && !event.override) {
    return [state, [{ type: 'told', told: { outcome: 'refused', refusals } }]]
  }
  const after = reached.ramps[id] ?? ramp
  const audit: TrafficEffect = {
    type: 'audit',
    deed: {
      action: `ramp.${command.type}`,
      target: `ramp:${id}`,
      actor,
      reason,
      before: { phase: ramp.phase, percent: ramp.percent },
      after: { phase: after.phase, percent: after.percent },
      ...(refusals.length > 0 && { overrode: refusals }),
    },
    atMs: nowMs,
  }
  const key = toKey(ramp.subject)
  const overrode = overrodeNotice(reached, { key, actor, refusals }, nowMs)
  const done: Told = { outcome: 'done', ramp: after, overrode: refusals }
  return [reached, [{ type: 'told', told: done }, audit, ...overrode, ...effects]]
}

function told(outcome: 'not-found' | 'conflict', detail: string): TrafficEffect {
  return { type: 'told', told: { outcome, detail } }
}
