import * as z from 'zod'
import { Id } from '../schema/id.ts'
import { PoolPage, PoolReport } from '../schema/traffic-answer.ts'
import { PageQuery } from '../schema/traffic-request.ts'
import { json } from './answer.ts'
import { type Operation, operation } from './operation.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { toPoolReport } from './rest.ts'

/** `/v1/pools`: pools as they stand now. */
export const poolOperations: readonly Operation[] = [
  operation({
    id: 'listPools',
    method: 'GET',
    path: '/v1/pools',
    scope: 'read',
    summary: 'The pools: whether they are down, their share, and the ramp they are on',
    query: PageQuery,
    answers: { 200: { description: 'A page of pools, by id.', schema: PoolPage } },
    async handle({ query, deps }) {
      const called = await deps.control.call('pools', query)
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'getPool',
    method: 'GET',
    path: '/v1/pools/{id}',
    scope: 'read',
    summary: 'One pool as it stands now, with what is left of it while it drains',
    params: z.strictObject({ id: Id }),
    answers: { 200: { description: 'The pool.', schema: PoolReport } },
    refusals: ['not-found'],
    async handle({ params, deps }) {
      const called = await deps.control.call('pool', params)
      if (!called.ok) return refuseCall(called.error)
      if (called.value !== null) return json(await toPoolReport(called.value, deps))
      return refuse('not-found', `there is no pool "${params.id}" in the configuration`)
    },
  }),
]
