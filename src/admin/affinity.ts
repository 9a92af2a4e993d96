import * as z from 'zod'
import { AffinityKeyView } from '../schema/affinity-key.ts'
import { json } from './answer.ts'
import { SMALL_BODY } from './move.ts'
import { type Operation, operation } from './operation.ts'
import { refuseCall } from './problem-details.ts'
import { toActor } from './scope.ts'

const Keys = z.array(AffinityKeyView).describe('Oldest first. Secrets are in no answer.')

const Rotation = z
  .strictObject({
    revoke: z
      .boolean()
      .default(false)
      .describe(
        'Makes every cookie invalid that was ever signed: the new key signs at once, the others are gone, and all ' +
          'clients are bound anew.',
      ),
    reason: z.string().max(1024).default('').describe('For the audit log.'),
  })
  .prefault({})

/** `/v1/affinity`: what signs the cookies of affinity. */
export const affinityOperations: readonly Operation[] = [
  operation({
    id: 'listAffinityKeys',
    method: 'GET',
    path: '/v1/affinity/keys',
    scope: 'read',
    summary: 'Lists the keys that sign affinity cookies, without their secrets',
    answers: {
      200: { description: 'All of them.', schema: z.strictObject({ items: Keys }) },
    },
    async handle({ deps: { control } }) {
      const called = await control.call('affinityKeys', {})
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'rotateAffinityKeys',
    method: 'POST',
    path: '/v1/affinity/rotate',
    scope: 'admin',
    summary: 'Makes a new key for affinity cookies; with "revoke" the old ones count no more',
    description:
      'A key comes by itself every 7 days. A new one signs a day after it was published, so that no edge refuses ' +
      'what another has signed; until then there is no second one.',
    body: {
      schema: Rotation,
      mostBytes: SMALL_BODY,
      isOptional: true,
      problem: 'invalid-question',
    },
    answers: {
      200: {
        description: 'There is a new key, or was.',
        schema: z.strictObject({
          outcome: z.enum(['rotated', 'revoked', 'unchanged']),
          items: Keys,
        }),
      },
    },
    async handle({ body, caller, deps: { control } }) {
      const called = await control.call('rotateAffinityKeys', { ...body, actor: toActor(caller) })
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
]
