import * as z from 'zod'
import type { RampUse } from '../schema/traffic.ts'
import { RampView } from '../schema/traffic.ts'
import { MoveView, RampList } from '../schema/traffic-answer.ts'
import { CommandBody, MoveQuery, RampCommand, RampsQuery } from '../schema/traffic-request.ts'
import { json } from './answer.ts'
import { MOVE_REFUSALS, SMALL_BODY, answerMove, toDeed } from './move.ts'
import { type Call, type Operation, operation } from './operation.ts'
import { refuse, refuseCall } from './problem-details.ts'
import type { AdminDeps } from './resource.ts'

/** What names a ramp: "origin:us-1", "pool:us", "shift:7". */
const RampId = z.string().max(80)

/** What every command to a ramp takes. */
export const COMMAND = {
  method: 'POST',
  scope: 'operate',
  description:
    '"pause" holds it where it is, "resume" lets it go on, "step-back" takes its last step back, ' +
    '"promote" takes the next one now whatever the gate says, "abort" ends it: what it moved goes back, and what was coming back stays out until "resume".',
  query: MoveQuery,
  body: {
    schema: CommandBody,
    mostBytes: SMALL_BODY,
    isOptional: true,
    problem: 'invalid-question',
  },
  answers: { 200: { description: 'It does so now.', schema: MoveView } },
  refusals: MOVE_REFUSALS,
} as const

/** `/v1/ramps`: what moves by steps, whatever it is. */
export const rampOperations: readonly Operation[] = [
  operation({
    id: 'listRamps',
    method: 'GET',
    path: '/v1/ramps',
    scope: 'read',
    summary: 'Every ramp that runs, or ended of late: recoveries, shifts and drains',
    query: RampsQuery,
    answers: { 200: { description: 'Ramps, with what each of them waits for.', schema: RampList } },
    handle: ({ query, deps }) => answerRamps(deps, query.use),
  }),
  operation({
    id: 'getRamp',
    method: 'GET',
    path: '/v1/ramps/{id}',
    scope: 'read',
    summary: 'One ramp, and why it stands where it stands',
    params: z.strictObject({ id: RampId }),
    answers: { 200: { description: 'The ramp.', schema: RampView } },
    refusals: ['not-found'],
    handle: ({ params, deps }) => answerRamp(deps, params.id),
  }),
  operation({
    ...COMMAND,
    id: 'commandRamp',
    path: '/v1/ramps/{id}/{command}',
    summary: 'Pauses, resumes, steps back, promotes or aborts a ramp',
    params: z.strictObject({ id: RampId, command: RampCommand }),
    handle: (call) => answerCommand(call, call.params.id),
  }),
]

/** Answers with the ramps of a use, or all. */
export async function answerRamps({ control }: AdminDeps, use?: RampUse): Promise<Response> {
  const called = await control.call('ramps', use === undefined ? {} : { use })
  return called.ok ? json(called.value) : refuseCall(called.error)
}

/** Answers with one ramp. */
export async function answerRamp({ control }: AdminDeps, id: string): Promise<Response> {
  const called = await control.call('ramp', { id })
  if (!called.ok) return refuseCall(called.error)
  return called.value === null ? refuseRamp(id) : json(called.value)
}

type CommandCall = Call<
  { readonly command: RampCommand },
  z.output<typeof MoveQuery>,
  z.output<typeof CommandBody>
>

/** Tells a ramp what to do, and answers with what became of it. */
export async function answerCommand(
  { params, query, body, caller, deps }: CommandCall,
  ramp: string,
): Promise<Response> {
  const deed = toDeed(query, body.reason, caller)
  if (!deed.ok) return deed.refusal
  const input = { ...deed.value, ramp, command: params.command, how: body.how }
  return answerMove(await deps.control.call('command', input))
}

function refuseRamp(id: string): Response {
  return refuse('not-found', `there is no ramp "${id}", and none ended of late`)
}
