import type { Config } from '../../schema/config.ts'
import type { Notice } from '../../schema/notice.ts'
import type { ControlEffect, ControlEvent } from './event.ts'
import { ControlState, initialControl, outboxIn, trafficIn } from './state.ts'
import type { InnerEffect } from './log-step.ts'
import { takeControl } from './step.ts'
import type { Machine, Wake } from '../machine.ts'
import { nextSendMs } from '../outbox/send.ts'
import { type OutboxEvent, stepOutbox } from '../outbox/outbox.ts'
import { revisionLog } from '../revision/revision.ts'
import { conditionsOf, isSameFor } from '../traffic/conditions.ts'
import { withLeaving } from '../traffic/leaving.ts'
import { toTrafficPlan } from '../traffic/plan.ts'
import { trafficWakeAtMs } from '../traffic/step.ts'
import { TRAFFIC_TABLES, TRAFFIC_VOLATILE } from '../traffic/state.ts'

type Step = readonly [ControlState, readonly ControlEffect[]]

/**
 * The control object: revisions, traffic and what is to be told of it in one machine, so that one transaction
 * holds all that one event changes and one alarm wakes whichever part is due. Whatever the event: when the
 * conditions are others after it, there is a new generation, and when something happened, it is told.
 */
export const control: Machine<ControlState, ControlEvent, ControlEffect> = {
  schema: ControlState,
  initial: initialControl,
  tables: [...TRAFFIC_TABLES, 'messages', 'matters', 'zones'],
  volatile: TRAFFIC_VOLATILE,
  heir: 'log',
  step,
  wakeAtMs(state) {
    const times = [
      revisionLog.wakeAtMs(state.log),
      trafficWakeAtMs(trafficIn(state)),
      nextSendMs(outboxIn(state)),
    ].filter((atMs) => atMs !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  },
}

function step(stored: ControlState, event: ControlEvent | Wake, nowMs: number): Step {
  const state = event.type === 'start' ? prepare(stored, event.config) : stored
  const [taken, effects]: readonly [ControlState, readonly InnerEffect[]] =
    event.type === 'tried' ? [state, []] : takeControl(state, event, nowMs)
  const [moved, publications] = publishMoved(state, taken, nowMs)
  const [told, deliveries] = tell(moved, { event, effects }, nowMs)
  const isNew = told.log.generation > stored.log.generation
  // What is cached is nothing to DNS.
  const pokes: readonly ControlEffect[] = isNew && event.type !== 'purge' ? [{ type: 'poke' }] : []
  // First, since it waits for nothing: the way to the store may be slow.
  return [told, [...pokes, ...effects.filter(isOuter), ...publications, ...deliveries]]
}

/** Makes again what is not stored because it follows from the rest: the edges know it already. */
function prepare(stored: ControlState, config: Config | undefined): ControlState {
  if (config === undefined) return stored
  const plan = withLeaving(toTrafficPlan(config, stored.log.current), stored.leaving)
  const state = { ...stored, plan }
  return { ...state, conditions: conditionsOf(trafficIn(state)) }
}

/** Other conditions are another generation, unless there is one already. */
function publishMoved(before: ControlState, state: ControlState, nowMs: number): Step {
  if (state.log.generation > before.log.generation) return [state, []]
  if (isSameFor(before.conditions, state.conditions)) return [state, []]
  const [log, effects] = revisionLog.step(state.log, { type: 'moved' }, nowMs)
  return [{ ...state, log }, effects]
}

interface Happened {
  readonly event: ControlEvent | Wake
  readonly effects: readonly InnerEffect[]
}

/** The outbox takes what is to be told, and starts what is due. */
function tell(state: ControlState, { event, effects }: Happened, nowMs: number): Step {
  const notices: Notice[] = []
  const news: (OutboxEvent | Wake)[] = []
  for (const effect of effects) {
    if (effect.type === 'configured') news.push(effect)
    if (effect.type === 'notice') notices.push(effect.notice)
  }
  if (event.type === 'tried' || event.type === 'wake') news.push(event)
  // Told by the rules of the configuration that is in force after the step.
  if (notices.length > 0) news.push({ type: 'notices', notices })
  let outbox = outboxIn(state)
  const deliveries: ControlEffect[] = []
  for (const each of news) {
    const [next, more] = stepOutbox(outbox, each, nowMs)
    outbox = next
    deliveries.push(...more)
  }
  return [{ ...state, ...outbox }, deliveries]
}

function isOuter(effect: InnerEffect): effect is ControlEffect {
  return effect.type !== 'notice' && effect.type !== 'configured'
}
