import { seconds } from '../ramp/failback.ts'
import { isRampOver, type RampEvent, type RampState } from '../ramp/state.ts'
import { stepRamp } from '../ramp/ramp.ts'
import type { Step, TrafficEffect } from './event.ts'
import { notice } from './notice.ts'
import { type TrafficState, toSubject, withEntry, withoutEntries } from './state.ts'

/** How many ramps that are over stay to be looked at. */
const KEPT = 50

/** What happens to one ramp. */
export interface RampNews {
  readonly event: RampEvent
  readonly nowMs: number
}

/** Steps one ramp, and draws the consequences of where it comes to. */
export function tellRamp(state: TrafficState, id: string, { event, nowMs }: RampNews): Step {
  const before = state.ramps[id]
  if (before === undefined) return [state, []]
  const after = stepRamp(before, event, nowMs)
  if (after === before) return [state, []]
  const next = { ...state, ramps: withEntry(state.ramps, id, after) }
  const told = newsOf(state, { before, after }, nowMs)
  const [ended, effects] = isRampOver(after) ? end(next, after, nowMs) : [next, []]
  return [ended, [...told, ...effects]]
}

/** What follows when a ramp is over: the override that it drained for goes, or the new weights land. */
function end(state: TrafficState, ramp: RampState, nowMs: number): Step {
  const { id, use, phase, subject, startedBy } = ramp
  const kept = { ...state, ramps: prune(state.ramps) }
  if (use === 'drain' && phase === 'aborted') {
    return [{ ...kept, overrides: withoutEntries(kept.overrides, [id]) }, []]
  }
  if (use !== 'shift' || phase !== 'done') return [kept, []]
  const { to: weights = {} } = ramp
  const landing = { route: subject.id, weights, by: startedBy, askedAtMs: nowMs }
  const effect = { type: 'land', ramp: id, route: subject.id, weights, by: startedBy } as const
  return [{ ...kept, landings: withEntry(kept.landings, id, landing) }, [effect]]
}

function prune(ramps: Record<string, RampState>): Record<string, RampState> {
  const over = Object.values(ramps).filter(isRampOver)
  if (over.length <= KEPT) return ramps
  const oldest = over.toSorted((left, right) => left.sinceMs - right.sinceMs)
  return withoutEntries(
    ramps,
    oldest.slice(0, over.length - KEPT).map(({ id }) => id),
  )
}

/** Takes ramps away that something else stands for now; what was told as wrong with them is over. */
export function dropRamps(state: TrafficState, ids: readonly string[], nowMs: number): Step {
  const troubled = ids.filter((id) => (state.ramps[id]?.cause ?? '') !== '')
  const effects = troubled.map((id) => {
    const news = {
      kind: 'ramp',
      severity: 'info',
      subject: toSubject(id),
      title: `the ramp of ${id} is no longer needed`,
      text: '',
      dedupKey: `ramp:${id}`,
      resolves: true,
    } as const
    return notice(state, news, nowMs)
  })
  return [{ ...state, ramps: withoutEntries(state.ramps, ids) }, effects]
}

interface Turn {
  readonly before: RampState
  readonly after: RampState
}

function newsOf(state: TrafficState, { before, after }: Turn, nowMs: number): TrafficEffect[] {
  const { id, use, subject, phase, percent, cause, startedAtMs } = after
  const common = { kind: 'ramp', subject, dedupKey: `ramp:${id}` } as const
  const what = `${use} of ${subject.type} ${subject.id}`
  if (phase !== before.phase && isRampOver(after)) {
    const title = phase === 'done' ? `${what} is done` : `${what} was aborted`
    const text = `after ${seconds(nowMs - startedAtMs)}`
    const news = { ...common, severity: 'info', title, text, resolves: true } as const
    return [notice(state, news, nowMs)]
  }
  if (percent >= before.percent || after.isLeaving) return []
  const title = `${what} went back from ${before.percent} % to ${percent} %`
  const severity = phase === 'held' ? 'error' : 'warning'
  const news = { ...common, severity, title, text: cause, resolves: false } as const
  return [notice(state, news, nowMs)]
}
