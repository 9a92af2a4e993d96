import * as z from 'zod'
import { Config } from '../schema/config.ts'
import { CONFIG_LIMITS } from '../schema/config-limits.ts'
import { json } from './answer.ts'
import { ChangeMade, ChangeQuery, answerChange } from './change.ts'
import { type Operation, operation } from './operation.ts'
import { isKnown, toEntityTag } from './precondition.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { toActor } from './scope.ts'

/** `/v1/config`: the configuration in force, as authored. */
export const configOperations: readonly Operation[] = [
  operation({
    id: 'getConfig',
    method: 'GET',
    path: '/v1/config',
    scope: 'read',
    summary: 'Gives the configuration in force as it was written, less its comments',
    conditional: 'read',
    answers: { 200: { description: 'The configuration.', schema: Config, io: 'input' } },
    refusals: ['no-configuration'],
    async handle({ request, deps: { control } }) {
      const called = await control.call('config', {})
      if (!called.ok) return refuseCall(called.error)
      if (called.value === null) return refuse('no-configuration', 'apply one with PUT')
      const { revision, authored } = called.value
      const headers = { etag: toEntityTag(revision) }
      if (isKnown(request, revision)) return new Response(null, { status: 304, headers })
      return json(authored, headers)
    },
  }),
  operation({
    id: 'putConfig',
    method: 'PUT',
    path: '/v1/config',
    scope: 'configure',
    summary: 'Applies a configuration: checked whole, and in force as a whole or not at all',
    query: ChangeQuery,
    // The control object parses it, against the release that will run it.
    body: {
      schema: z.unknown(),
      shown: Config,
      mostBytes: CONFIG_LIMITS.bytes,
      problem: 'invalid-configuration',
    },
    conditional: 'change',
    answers: { 200: { description: 'What became of it.', schema: ChangeMade } },
    async handle({ query, body, expect, caller, deps: { control } }) {
      const change = { ...query, expect, actor: toActor(caller) }
      return answerChange(await control.call('put', { ...change, authored: body }))
    },
  }),
]
