import * as z from 'zod'
import { ConfirmationList, MoveView } from '../schema/traffic-answer.ts'
import { json } from './answer.ts'
import { answerMove } from './move.ts'
import { type Operation, operation } from './operation.ts'
import { refuseCall } from './problem-details.ts'
import { toActor } from './scope.ts'

/** `/v1/confirmations`: changes that take themselves back unless somebody confirms them. */
export const confirmationOperations: readonly Operation[] = [
  operation({
    id: 'listConfirmations',
    method: 'GET',
    path: '/v1/confirmations',
    scope: 'read',
    summary: 'Every change that waits to be confirmed, and when it reverts',
    answers: { 200: { description: 'Changes that wait.', schema: ConfirmationList } },
    async handle({ deps }) {
      const called = await deps.control.call('confirmations', {})
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'confirmChange',
    method: 'POST',
    path: '/v1/confirmations/{id}',
    scope: 'operate',
    summary: 'Confirms a change: it stays',
    params: z.strictObject({ id: z.string().max(80) }),
    answers: { 200: { description: 'It stays.', schema: MoveView } },
    refusals: ['not-found', 'conflict'],
    async handle({ params, caller, deps }) {
      const confirmed = { id: params.id, actor: toActor(caller) }
      return answerMove(await deps.control.call('confirm', confirmed))
    },
  }),
]
