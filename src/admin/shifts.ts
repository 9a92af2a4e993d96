import * as z from 'zod'
import { RampView } from '../schema/traffic.ts'
import { MoveView, RampList } from '../schema/traffic-answer.ts'
import { MoveQuery, RampCommand, ShiftBody } from '../schema/traffic-request.ts'
import { MOVE_REFUSALS, SMALL_BODY, answerMove, toDeed } from './move.ts'
import { type Operation, operation } from './operation.ts'
import { COMMAND, answerCommand, answerRamp, answerRamps } from './ramps.ts'

/** A shift is a ramp, and here its number is enough: "7" or "shift:7". */
const ShiftId = z
  .string()
  .regex(/^(shift:)?\d{1,15}$/)
  .transform((text) => (text.startsWith('shift:') ? text : `shift:${text}`))

/** `/v1/shifts`: the weights of routes on their way. At once: `PUT /v1/routes/{id}/weights`. */
export const shiftOperations: readonly Operation[] = [
  operation({
    id: 'listShifts',
    method: 'GET',
    path: '/v1/shifts',
    scope: 'read',
    summary: 'Every shift that runs, or ended of late',
    answers: { 200: { description: 'Shifts.', schema: RampList } },
    handle: ({ deps }) => answerRamps(deps, 'shift'),
  }),
  operation({
    id: 'startShift',
    method: 'POST',
    path: '/v1/shifts',
    scope: 'operate',
    summary: 'Moves the weights of a route by the steps of a ramp',
    description:
      'Each step waits for its gate. At the end the target weights are a new revision of the configuration.',
    conditional: 'change',
    query: MoveQuery,
    body: { schema: ShiftBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers: { 200: { description: 'It is on its way; "ramp" tells how.', schema: MoveView } },
    refusals: MOVE_REFUSALS,
    async handle({ query, body, expect, caller, deps }) {
      const { route, to, ramp, reason } = body
      const deed = toDeed(query, reason, caller)
      if (!deed.ok) return deed.refusal
      const input = { ...deed.value, route, to, ...(ramp !== undefined && { ramp }), expect }
      return answerMove(await deps.control.call('startShift', input))
    },
  }),
  operation({
    id: 'getShift',
    method: 'GET',
    path: '/v1/shifts/{id}',
    scope: 'read',
    summary: 'One shift, and why it stands where it stands',
    params: z.strictObject({ id: ShiftId }),
    answers: { 200: { description: 'The shift.', schema: RampView } },
    refusals: ['not-found'],
    handle: ({ params, deps }) => answerRamp(deps, params.id),
  }),
  operation({
    ...COMMAND,
    id: 'commandShift',
    path: '/v1/shifts/{id}/{command}',
    summary: 'Pauses, resumes, steps back, promotes or aborts a shift',
    params: z.strictObject({ id: ShiftId, command: RampCommand }),
    handle: (call) => answerCommand(call, call.params.id),
  }),
]
