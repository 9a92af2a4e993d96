import * as z from 'zod'
import { Id } from '../schema/id.ts'
import { MoveView } from '../schema/traffic-answer.ts'
import { MoveQuery, WeightsBody } from '../schema/traffic-request.ts'
import { MOVE_REFUSALS, SMALL_BODY, answerMove, toDeed } from './move.ts'
import { type Operation, operation } from './operation.ts'

/** `/v1/routes/{id}/weights`: the weights of a route, at once. By steps: `/v1/shifts`. */
export const weightOperations: readonly Operation[] = [
  operation({
    id: 'setWeights',
    method: 'PUT',
    path: '/v1/routes/{id}/weights',
    scope: 'operate',
    summary: 'Gives a route other weights, everywhere within ten seconds',
    description:
      'Makes a new revision of the configuration in which only the weights of this route differ. For ' +
      'a route whose policy is "weighted".',
    conditional: 'change',
    params: z.strictObject({ id: Id }),
    query: MoveQuery,
    body: { schema: WeightsBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers: { 200: { description: 'It is so now, or was.', schema: MoveView } },
    refusals: MOVE_REFUSALS,
    async handle({ params, query, body, expect, caller, deps }) {
      const deed = toDeed(query, body.reason, caller)
      if (!deed.ok) return deed.refusal
      const { weights } = body
      const input = { ...deed.value, route: params.id, weights, expect }
      return answerMove(await deps.control.call('setWeights', input))
    },
  }),
]
