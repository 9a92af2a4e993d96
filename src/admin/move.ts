import type { Called } from '../../durable/client.ts'
import type { TrafficAnswer } from '../../durable/traffic-methods.ts'
import type { InterlockRefusal } from '../schema/interlock.ts'
import type { MoveQuery } from '../schema/traffic-request.ts'
import { json } from './answer.ts'
import { refuseOverride } from './override.ts'
import { refuseMismatch } from './precondition.ts'
import { type ProblemKind, refuse, refuseCall } from './problem-details.ts'
import type { Parsed } from './query.ts'
import { type Caller, toActor } from './scope.ts'

/** Most bytes of a body that is no document. */
export const SMALL_BODY = 65_536

/** The refusals of a change of traffic, beside those of its parts. */
export const MOVE_REFUSALS = [
  'not-found',
  'conflict',
  'interlock',
  'forbidden',
] as const satisfies readonly ProblemKind[]

/** What the control object is told with every change of traffic. */
export interface Deed {
  readonly actor: { readonly name: string; readonly from: string }
  readonly reason: string
  readonly dryRun: boolean
  readonly override: boolean
  readonly confirmWithinMs?: number
}

/** Who changes traffic, how and why; or the refusal of somebody who may not go past the interlocks. */
export function toDeed(
  { dryRun, override, confirmWithin }: MoveQuery,
  reason: string,
  caller: Caller,
): Parsed<Deed> {
  const refusal = refuseOverride({ override }, caller)
  if (refusal) return { ok: false, refusal }
  const confirm = confirmWithin === undefined ? {} : { confirmWithinMs: confirmWithin }
  return { ok: true, value: { actor: toActor(caller), reason, dryRun, override, ...confirm } }
}

/** Tells what became of a change of traffic. */
export function answerMove(called: Called<TrafficAnswer>): Response {
  if (!called.ok) return refuseCall(called.error)
  const answer = called.value
  switch (answer.outcome) {
    case 'done':
    case 'unchanged':
      return json(answer)
    case 'refused':
      return refuseByInterlock(answer.refusals)
    case 'not-found':
      return refuse('not-found', answer.detail)
    case 'conflict':
      return refuse('conflict', answer.detail)
    case 'mismatch':
      return refuseMismatch(answer.revision)
  }
}

const WAY_PAST =
  'Do less of it, or by a ramp, or repeat it with "?override=true" and a token with the scope ' +
  '"admin", which the audit log keeps'

function refuseByInterlock(refusals: readonly InterlockRefusal[]): Response {
  const detail = `${refusals.map(describeRefusal).join('; ')}. ${WAY_PAST}.`
  return refuse('interlock', detail, { interlocks: refusals })
}

/** What an interlock says, in words and numbers. */
export function describeRefusal(refusal: InterlockRefusal): string {
  const isPart = refusal.part === 'writes'
  const route = `${isPart ? 'the writes of ' : ''}route "${refusal.route}"`
  switch (refusal.type) {
    case 'all-off':
      return `${route} would be left with ${refusal.usable} origins to serve ${isPart ? 'them' : 'it'}`
    case 'change-too-large': {
      const { changePercent, maxChangePercent } = refusal
      const most = `${maxChangePercent} % is the most (interlocks.maxChangePercent)`
      return `${round(changePercent)} % of the traffic of ${route} would move at once, and ${most}`
    }
    case 'capacity-too-small': {
      const { capacityPercent, minCapacityPercent } = refusal
      const least = `${minCapacityPercent} % is the least (interlocks.minCapacityPercent)`
      return `${route} would be left with ${round(capacityPercent)} % of ${isPart ? 'their' : 'its'} capacity, and ${least}`
    }
  }
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10
}
