import { NOBODY } from '../../schema/deed.ts'
import { chain, type Step } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { type HeldShedding, type TrafficState, withEntry, withoutEntries } from './state.ts'

/** What is taken off pools for a time ends with it. */
export function turnShedding(state: TrafficState, nowMs: number): Step {
  const due = Object.entries(state.shedding).filter(
    ([, { untilMs }]) => untilMs !== undefined && untilMs <= nowMs,
  )
  return chain(
    state,
    ...due.map(([pool, before]) => (current: TrafficState): Step => {
      const deed = {
        action: 'shedding.end',
        target: sheddingTarget(pool),
        actor: NOBODY,
        reason: 'its time is over',
        before,
      }
      return [withShedding(current, pool, undefined), [{ type: 'audit', deed, atMs: nowMs }]]
    }),
  )
}

/** When the next of them ends. */
export function sheddingWakeAtMs({ shedding }: TrafficState): number | undefined {
  const times = Object.values(shedding).flatMap(({ untilMs }) => untilMs ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Puts back what was before, unless something else was said since: then the very same state. */
export function takeSheddingBack(
  state: TrafficState,
  {
    pool,
    serial,
    previous,
  }: Pick<HeldShedding, 'serial'> & {
    readonly pool: string
    readonly previous: HeldShedding | null
  },
): TrafficState {
  const standing = state.shedding[pool]?.serial ?? 0
  if (standing !== serial || state.plan?.pools[pool] === undefined) return state
  return withShedding(state, pool, previous ?? undefined)
}

/** Whether nobody new would be served on some route by what was put back. */
export function shedsLast(before: TrafficState, after: TrafficState): boolean {
  return refusalsOf(before, after).some(({ type }) => type === 'all-off')
}

/** The state with another thing to shed of a pool, or nothing. */
export function withShedding(
  state: TrafficState,
  pool: string,
  held: HeldShedding | undefined,
): TrafficState {
  const { shedding } = state
  return {
    ...state,
    shedding: held ? withEntry(shedding, pool, held) : withoutEntries(shedding, [pool]),
  }
}

/** What the audit log and a confirmation call it. */
export function sheddingTarget(pool: string): string {
  return `shedding:${pool}`
}
