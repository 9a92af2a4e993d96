import * as z from 'zod'
import { Id } from '../schema/id.ts'
import { AdminState } from '../schema/pool.ts'
import { MoveView } from '../schema/traffic-answer.ts'
import { MoveQuery, Reason } from '../schema/traffic-request.ts'
import { Moment } from './moment.ts'
import { MOVE_REFUSALS, SMALL_BODY, answerMove, toDeed } from './move.ts'
import { type Operation, operation } from './operation.ts'

/** The state that an origin or a pool shall have. */
const StateBody = z
  .strictObject({
    state: AdminState,
    reason: Reason.min(1).describe('Why: whoever finds it drained at night reads this.'),
    until: Moment.optional().describe('When it ends by itself.'),
    window: z
      .strictObject({ from: Moment, until: Moment })
      .refine(({ from, until }) => from < until, {
        error: 'the window ends before it begins',
        path: ['until'],
      })
      .optional()
      .describe('Planned ahead: it takes effect and ends by itself.'),
    ramp: Id.optional().describe('By which ramp a drain leaves. Default: at once.'),
  })
  .refine(({ until, window }) => until === undefined || window === undefined, {
    error: 'takes "until" or "window", not both',
    path: ['until'],
  })
  .refine(({ state, ramp }) => ramp === undefined || state === 'drain', {
    error: 'only a drain leaves by a ramp',
    path: ['ramp'],
  })
type StateBody = z.output<typeof StateBody>

/** `/v1/origins/{id}/state` and `/v1/pools/{id}/state`: what an operator asks for. */
export const stateOperations: readonly Operation[] = [
  stateOperation('origin', 'setOriginState'),
  stateOperation('pool', 'setPoolState'),
]

function stateOperation(type: 'origin' | 'pool', id: string): Operation {
  return operation({
    id,
    method: 'PUT',
    path: `/v1/${type}s/{id}/state`,
    scope: 'operate',
    summary: `Takes a ${type} out, or back in`,
    description:
      '"drain" takes no new clients and keeps those it has, "maintenance" takes nothing, "ready" ends ' +
      'both: what comes back does so by the ramp of its pool, where that has one.',
    params: z.strictObject({ id: Id }),
    query: MoveQuery,
    body: { schema: StateBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers: { 200: { description: 'It is so now, or was.', schema: MoveView } },
    refusals: MOVE_REFUSALS,
    async handle({ params, query, body, caller, deps }) {
      const deed = toDeed(query, body.reason, caller)
      if (!deed.ok) return deed.refusal
      const subject = { type, id: params.id }
      const input = { ...deed.value, subject, ...toInput(body) }
      return answerMove(await deps.control.call('setState', input))
    },
  })
}

function toInput({ state, until, window, ramp }: StateBody) {
  const untilMs = window?.until ?? until
  return {
    state,
    ...(window !== undefined && { fromMs: window.from }),
    ...(untilMs !== undefined && { untilMs }),
    ...(ramp !== undefined && { ramp }),
  }
}
