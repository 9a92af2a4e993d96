import { requestConfirmation } from './confirmations.ts'
import type { SetShedding, Step, Told, TrafficEffect } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { overrodeNotice } from './notice.ts'
import { sheddingTarget, withShedding } from './shedding.ts'
import { entryOf, type HeldShedding, type TrafficState } from './state.ts'

/** An operator takes load off a pool, or gives it back. */
export function setShedding(state: TrafficState, event: SetShedding, nowMs: number): Step {
  const objection = objectionTo(state, event, nowMs)
  if (objection) return [state, [told(objection)]]
  const { pool, actor, reason, override: isForced } = event
  const previous = state.shedding[pool]
  const held = toHeld(state, event, nowMs)
  if (isSame(previous, held)) return [state, [told({ outcome: 'unchanged', overrode: [] })]]
  const changed = { ...withShedding(state, pool, held), serial: state.serial + 1 }
  const refusals = held === undefined ? [] : refusalsOf(state, changed)
  if (refusals.length > 0 && !isForced) return [state, [told({ outcome: 'refused', refusals })]]
  const serial = held?.serial ?? 0
  const reversal = { type: 'shedding', pool, serial, previous: previous ?? null } as const
  const target = sheddingTarget(pool)
  const revocable = { asked: event, action: wordsOf(pool, held), target, reversal }
  const [next, confirmation] = requestConfirmation(changed, revocable, nowMs)
  const audit: TrafficEffect = {
    type: 'audit',
    deed: {
      action: held ? 'shedding.set' : 'shedding.end',
      target,
      actor,
      reason,
      before: previous ?? null,
      after: held ?? null,
      ...(refusals.length > 0 && { overrode: refusals }),
    },
    atMs: nowMs,
  }
  const overrode = overrodeNotice(next, { key: `pool:${pool}`, actor, refusals }, nowMs)
  return [next, [told({ outcome: 'done', confirmation, overrode: refusals }), audit, ...overrode]]
}

function told(answer: Told): TrafficEffect {
  return { type: 'told', told: answer }
}

function wordsOf(pool: string, held: HeldShedding | undefined): string {
  if (held === undefined) return `pool ${pool} sheds nothing by hand`
  const { newPercent, sessionPercent } = held.shed
  return `pool ${pool} sheds ${newPercent} % of new and ${sessionPercent} % of bound clients`
}

function objectionTo(
  { plan }: TrafficState,
  { pool, untilMs }: SetShedding,
  nowMs: number,
): Told | undefined {
  if (plan === null) {
    const detail = 'the configuration in force cannot be read by this release'
    return { outcome: 'conflict', detail }
  }
  if (entryOf(plan.pools, pool) === undefined) {
    return { outcome: 'not-found', detail: `there is no pool "${pool}"` }
  }
  if (untilMs === undefined || untilMs > nowMs) return undefined
  return { outcome: 'conflict', detail: 'it would end before it begins' }
}

function toHeld(
  state: TrafficState,
  { shed, untilMs, reason, actor }: SetShedding,
  nowMs: number,
): HeldShedding | undefined {
  if (shed === null) return undefined
  const until = untilMs === undefined ? {} : { untilMs }
  return { shed, reason, by: actor.name, sinceMs: nowMs, ...until, serial: state.serial + 1 }
}

/** Whether it was said before: who says a thing twice changes nothing by it. */
function isSame(one: HeldShedding | undefined, other: HeldShedding | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const { shed } = other
  return (
    one.untilMs === other.untilMs &&
    one.shed.newPercent === shed.newPercent &&
    one.shed.sessionPercent === shed.sessionPercent &&
    one.shed.by === shed.by
  )
}
