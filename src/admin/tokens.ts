import * as z from 'zod'
import { duration } from '../schema/duration.ts'
import { Scopes, TokenId, TokenName, TokenView, TOKEN_LIMITS } from '../schema/token.ts'
import { Reason } from '../schema/traffic-request.ts'
import { created, json } from './answer.ts'
import { type Call, type Operation, operation } from './operation.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { toActor } from './scope.ts'
import { drawToken } from './token-text.ts'

const AuditReason = Reason.default('').describe('For the audit log.')

const TokenParams = z.strictObject({ id: TokenId })

const NewToken = z.strictObject({
  name: TokenName.describe('Who or what uses it; no other token has this name.'),
  scopes: Scopes,
  expiresIn: duration({ min: '1m', max: '1000d' }).optional().describe('Default: it does not.'),
  reason: AuditReason,
})

const MadeToken = TokenView.extend({
  token: z
    .string()
    .optional()
    .describe('What its holder sends. Shown now and never again, not even to a repeated call.'),
})

/** `/v1/tokens`: who else may use this API. */
export const tokenOperations: readonly Operation[] = [
  operation({
    id: 'listTokens',
    method: 'GET',
    path: '/v1/tokens',
    scope: 'admin',
    summary: 'Lists the tokens, oldest first, without their secrets',
    answers: {
      200: {
        description: 'All of them.',
        schema: z.strictObject({ items: z.array(TokenView) }),
      },
    },
    async handle({ deps: { control } }) {
      const called = await control.call('tokens', {})
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'createToken',
    method: 'POST',
    path: '/v1/tokens',
    scope: 'admin',
    summary: 'Makes a token, and shows it this once',
    body: { schema: NewToken, mostBytes: 65_536, problem: 'invalid-question' },
    answers: { 201: { description: 'The token.', schema: MadeToken } },
    secrets: ['token'],
    refusals: ['conflict'],
    handle: createToken,
  }),
  operation({
    id: 'deleteToken',
    method: 'DELETE',
    path: '/v1/tokens/{id}',
    scope: 'admin',
    summary: 'Revokes a token: it is refused everywhere within 10 seconds',
    params: TokenParams,
    query: z.strictObject({ reason: AuditReason }),
    answers: { 204: { description: 'It is gone.' } },
    async handle({ params, query, caller, deps: { control } }) {
      const called = await control.call('deleteToken', {
        ...params,
        ...query,
        actor: toActor(caller),
      })
      if (!called.ok) return refuseCall(called.error)
      if (called.value.outcome === 'deleted') return new Response(null, { status: 204 })
      return refuse('not-found', `there is no token ${params.id}`)
    },
  }),
]

async function createToken(call: Call<unknown, unknown, z.output<typeof NewToken>>) {
  const { body, caller, deps } = call
  const { expiresIn, ...rest } = body
  const { id, digest, text } = await drawToken()
  const called = await deps.control.call('createToken', {
    ...rest,
    id,
    digest,
    actor: toActor(caller),
    ...(expiresIn !== undefined && { expiresAtMs: Date.now() + expiresIn }),
  })
  if (!called.ok) return refuseCall(called.error)
  const answer = called.value
  switch (answer.outcome) {
    case 'created':
      return created({ ...answer.token, token: text })
    case 'taken':
      return refuse('conflict', `there is a token by the name ${JSON.stringify(body.name)}`)
    case 'full':
      return refuse('conflict', `there are ${TOKEN_LIMITS.tokens} tokens: revoke one first`)
  }
}
