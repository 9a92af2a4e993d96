import type { InterlockRefusal } from '../../schema/interlock.ts'
import { requestConfirmation } from './confirmations.ts'
import type { Asked, Step, Told } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { overrodeNotice } from './notice.ts'
import { shiftOf, withWeights } from './shifts.ts'
import type { TrafficState } from './state.ts'

/** An operator gives a route other weights, from now. */
export interface SetWeights extends Asked {
  readonly route: string
  readonly weights: Readonly<Record<string, number>>
}

/** Whether that may be: the interlocks that it goes past, or what there is against it. */
export function judgeWeights(
  state: TrafficState,
  { route, weights, override }: SetWeights,
):
  | { readonly ok: true; readonly overrode: readonly InterlockRefusal[] }
  | { readonly ok: false; readonly told: Told } {
  const { plan } = state
  if (plan === null || !Object.hasOwn(plan.routes, route)) {
    return refuse('not-found', `there is no route "${route}" that steers`)
  }
  if (plan.routes[route]?.weights === undefined) {
    return refuse('conflict', `route "${route}" has no one map of weights`)
  }
  const stranger = Object.keys(weights).find((pool) => !Object.hasOwn(plan.pools, pool))
  if (stranger !== undefined) return refuse('not-found', `there is no pool "${stranger}"`)
  const running = shiftOf(state, route)
  if (running !== undefined) {
    return refuse('conflict', `${running} moves the weights of "${route}": abort it first`)
  }
  const refusals = refusalsOf(state, withWeights(state, route, weights))
  if (refusals.length === 0 || override) return { ok: true, overrode: refusals }
  return { ok: false, told: { outcome: 'refused', refusals } }
}

function refuse(outcome: 'conflict' | 'not-found', detail: string) {
  return { ok: false, told: { outcome, detail } } as const
}

/** What goes with a change of weights that became a revision. */
export interface WeightsMade {
  readonly revision: number
  /** The one before it. */
  readonly back: number
  readonly before: Readonly<Record<string, number>>
  readonly overrode: readonly InterlockRefusal[]
}

/** Remembers who changed the weights, and to take them back unless that is confirmed. */
export function recordWeights(
  state: TrafficState,
  { asked, made }: { readonly asked: SetWeights; readonly made: WeightsMade },
  nowMs: number,
): Step {
  const { route, weights, actor, reason } = asked
  const { revision, back, before, overrode } = made
  const target = `route:${route}`
  const reversal = { type: 'revision', revision, back } as const
  const action = `weights of ${target}: ${JSON.stringify(weights)}`
  const [next, confirmation] = requestConfirmation(
    state,
    { asked, action, target, reversal },
    nowMs,
  )
  const deed = {
    action: 'weights.set',
    target,
    actor,
    reason,
    before,
    after: { revision, weights },
    ...(overrode.length > 0 && { overrode: [...overrode] }),
  }
  const notices = overrodeNotice(next, { key: target, actor, refusals: overrode }, nowMs)
  return [
    next,
    [
      { type: 'told', told: { outcome: 'done', confirmation, overrode } },
      { type: 'audit', deed, atMs: nowMs },
      ...notices,
    ],
  ]
}
