import * as z from 'zod'
import { Id } from '../schema/id.ts'
import { Shed } from '../schema/limit.ts'
import { MoveView } from '../schema/traffic-answer.ts'
import { MoveQuery, Reason } from '../schema/traffic-request.ts'
import { Moment } from './moment.ts'
import { MOVE_REFUSALS, SMALL_BODY, answerMove, toDeed } from './move.ts'
import { type Operation, operation } from './operation.ts'

/** The load that a pool shall shed. */
const SheddingBody = z
  .strictObject({
    ...Shed.shape,
    reason: Reason.min(1).describe('Why: whoever finds it at night reads this.'),
    until: Moment.optional().describe('When it ends by itself.'),
  })
  .refine(({ newPercent, sessionPercent }) => newPercent + sessionPercent > 0, {
    error: 'sheds nothing: give a percent of new clients or of sessions, or DELETE what is shed',
    path: ['newPercent'],
  })

const params = z.strictObject({ id: Id })

/** A DELETE has no body: why stands in the query. */
const EndQuery = MoveQuery.extend({ reason: Reason.default('').describe('For the audit log.') })

/** `/v1/pools/{id}/shedding`: load that an operator takes off a pool. */
export const sheddingOperations: readonly Operation[] = [
  operation({
    id: 'setPoolShedding',
    method: 'PUT',
    path: '/v1/pools/{id}/shedding',
    scope: 'operate',
    summary: 'Takes load off a pool, everywhere within ten seconds',
    description:
      'Sends that part of the clients on, as if the pool could not take them: to the next pool, the fallback, or ' +
      'else a 503 with Retry-After. Routes that are "critical" are spared. Stands beside what the pool sheds by ' +
      'itself ("shedding" of the configuration), in the place of what was asked before.',
    params,
    query: MoveQuery,
    body: { schema: SheddingBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers: { 200: { description: 'It is so now, or was.', schema: MoveView } },
    refusals: MOVE_REFUSALS,
    async handle({ params: { id: pool }, query, body, caller, deps }) {
      const { reason, until, ...shed } = body
      const deed = toDeed(query, reason, caller)
      if (!deed.ok) return deed.refusal
      const ends = until === undefined ? {} : { untilMs: until }
      const input = { ...deed.value, pool, shed, ...ends }
      return answerMove(await deps.control.call('setShedding', input))
    },
  }),
  operation({
    id: 'endPoolShedding',
    method: 'DELETE',
    path: '/v1/pools/{id}/shedding',
    scope: 'operate',
    summary: 'Gives a pool back the load that was taken off it',
    params,
    query: EndQuery,
    answers: { 200: { description: 'It is so now, or was.', schema: MoveView } },
    refusals: MOVE_REFUSALS,
    async handle({ params: { id: pool }, query, caller, deps }) {
      const deed = toDeed(query, query.reason, caller)
      if (!deed.ok) return deed.refusal
      return answerMove(await deps.control.call('setShedding', { ...deed.value, pool, shed: null }))
    },
  }),
]
