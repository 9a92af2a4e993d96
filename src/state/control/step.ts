import { NOBODY } from '../../schema/deed.ts'
import type { ControlEvent } from './event.ts'
import { type ControlState, trafficIn } from './state.ts'
import { isMet } from '../revision/expectation.ts'
import type { Wake } from '../machine.ts'
import { adopt } from '../purge/purge.ts'
import { revisionNotice } from '../revision/notice.ts'
import { conditionsOf } from '../traffic/conditions.ts'
import { landReversals, settleReversal } from '../traffic/reversal.ts'
import { judgeWeights, recordWeights } from '../traffic/set-weights.ts'
import { stepTraffic } from '../traffic/step.ts'
import { bringIn, type ControlStep, stepLog, withTraffic } from './log-step.ts'
import { purgeCache } from './purges.ts'
import { hearZone } from './zones.ts'

/** What an event does to the revisions and to traffic. */
export function takeControl(
  state: ControlState,
  event: Exclude<ControlEvent, { type: 'tried' }> | Wake,
  nowMs: number,
): ControlStep {
  switch (event.type) {
    case 'put':
    case 'rollback':
      return change(state, event, nowMs)
    case 'published':
    case 'failed':
    case 'watch':
      return stepLog(state, event, nowMs)
    case 'start':
      return start(state, event, nowMs)
    case 'set-weights':
      return setWeights(state, event, nowMs)
    case 'land':
      return land(state, event, nowMs)
    case 'revert':
      return revert(state, event, nowMs)
    case 'rekey':
      return rekey(state, event, nowMs)
    case 'purge':
      return purgeCache(state, event, nowMs)
    case 'zone-news': {
      const [zones, effects] = hearZone(state.zones, event, nowMs)
      return [zones === state.zones ? state : { ...state, zones }, effects]
    }
    case 'start-shift':
      if (!isMet(event.expect, state.log.current)) {
        return [state, [{ type: 'told', told: { outcome: 'mismatch' } }]]
      }
      return withTraffic(state, stepTraffic(trafficIn(state), event, nowMs))
    case 'wake': {
      const [next, effects] = stepLog(state, event, nowMs)
      const [moved, more] = withTraffic(next, stepTraffic(trafficIn(next), event, nowMs))
      return [moved, [...effects, ...more]]
    }
    case 'health':
    case 'measured':
    case 'unmeasured':
    case 'set-state':
    case 'set-shedding':
    case 'command':
    case 'confirm':
      return withTraffic(state, stepTraffic(trafficIn(state), event, nowMs))
  }
}

function change(
  state: ControlState,
  event: Extract<ControlEvent, { type: 'put' | 'rollback' }>,
  nowMs: number,
): ControlStep {
  const { current } = state.log
  const [next, effects] = stepLog(state, event, nowMs)
  const { current: revision } = next.log
  if (revision === current) return [next, effects]
  const { entry } = event
  const by = entry?.actor?.name ?? entry?.author ?? ''
  const notice = revisionNotice({ revision, by, reason: entry?.message ?? '' }, nowMs)
  return [next, [...effects, { type: 'notice', notice }]]
}

/** A new process: what went by while there was none, is made up for. */
function start(
  state: ControlState,
  event: Extract<ControlEvent, { type: 'start' }>,
  nowMs: number,
): ControlStep {
  const { config, purges = [] } = event
  const adopted = adopt(state.purges, purges)
  const known = adopted === state.purges ? state : { ...state, purges: adopted }
  const [next, effects] = stepLog(known, event, nowMs)
  if (config === undefined) return [next, effects]
  const inForce = { config, revision: next.log.current }
  const [moved, more] = withTraffic(next, bringIn(next, inForce, nowMs))
  return [moved, [...effects, ...more, { type: 'configured', config }]]
}

/** Other keys are another snapshot under the same revision. */
function rekey(
  state: ControlState,
  { keyring, deed }: Extract<ControlEvent, { type: 'rekey' }>,
  nowMs: number,
): ControlStep {
  const [next, effects] = stepLog(state, { type: 'moved' }, nowMs)
  const audit = deed === undefined ? [] : [{ type: 'audit', deed, atMs: nowMs } as const]
  return [next, [{ type: 'keyring', keyring }, ...audit, ...effects]]
}

function setWeights(
  state: ControlState,
  event: Extract<ControlEvent, { type: 'set-weights' }>,
  nowMs: number,
): ControlStep {
  const { entry, base, expect, route } = event
  const { current, digest } = state.log
  if (entry.digest === digest) {
    return [state, [{ type: 'told', told: { outcome: 'unchanged', overrode: [] } }]]
  }
  // What was written into an older document would undo the revisions since.
  if (base !== current || !isMet(expect, current)) {
    return [state, [{ type: 'told', told: { outcome: 'mismatch' } }]]
  }
  const judged = judgeWeights(trafficIn(state), event)
  if (!judged.ok) return [state, [{ type: 'told', told: judged.told }]]
  const before = state.plan?.routes[route]?.weights ?? {}
  const [next, effects] = stepLog(state, { type: 'put', entry }, nowMs)
  const { current: revision } = next.log
  const { overrode } = judged
  const made = { revision, back: current, before, overrode }
  const [recorded, more] = withTraffic(
    next,
    recordWeights(trafficIn(next), { asked: event, made }, nowMs),
  )
  return [recorded, [...effects, ...more]]
}

function land(
  state: ControlState,
  { ramp, entry, base }: Extract<ControlEvent, { type: 'land' }>,
  nowMs: number,
): ControlStep {
  const landing = state.landings[ramp]
  // It was asked for twice, and came twice.
  if (landing === undefined) return [state, []]
  const { current } = state.log
  // Somebody else's revision came first: it is asked for again, and made from that one.
  if (base !== current) return [state, []]
  const [next, effects] = stepLog(state, { type: 'put', entry }, nowMs)
  const { [ramp]: _, ...landings } = next.landings
  const { current: revision } = next.log
  const confirmations = landReversals(next.confirmations, ramp, { revision, back: current })
  const after = { revision, weights: landing.weights }
  const target = `route:${landing.route}`
  const reason = `started by ${landing.by}`
  const before = { revision: current }
  const deed = { action: 'shift.land', target, actor: NOBODY, reason, before, after }
  const traffic = { ...trafficIn(next), landings, confirmations }
  const landed = { ...next, ...traffic, conditions: conditionsOf(traffic) }
  return [landed, [...effects, { type: 'audit', deed, atMs: nowMs }]]
}

function revert(
  state: ControlState,
  { id, from, to, entry }: Extract<ControlEvent, { type: 'revert' }>,
  nowMs: number,
): ControlStep {
  if (!Object.hasOwn(state.confirmations, id)) return [state, []]
  const { current } = state.log
  // A later revision says what shall be: nobody's work is overwritten.
  const isOpen = current === from && entry !== undefined
  const [next, effects] = isOpen
    ? stepLog(state, { type: 'rollback', to, entry }, nowMs)
    : ([state, []] as const)
  const isDone = next.log.current !== current
  const [settled, more] = withTraffic(next, settleReversal(trafficIn(next), { id, isDone }, nowMs))
  return [settled, [...effects, ...more]]
}
