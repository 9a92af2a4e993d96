import * as z from 'zod'
import { CONTROL_LIMITS } from '../../durable/control-methods.ts'
import { json } from './answer.ts'
import { ChangeMade, ChangeQuery, Diff, answerChange } from './change.ts'
import { type Operation, operation } from './operation.ts'
import { newestOf, pageBefore } from './page.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { toActor } from './scope.ts'

const RevisionParams = z.strictObject({
  revision: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
})

const RevisionRecord = z.strictObject({
  revision: z.int(),
  author: z.string(),
  message: z.string(),
  createdAtMs: z.number(),
  bytes: z.int(),
  restores: z.int().optional().describe('The revision that this one repeats.'),
})

const RevisionDetail = RevisionRecord.extend({
  authored: z.unknown().describe('The configuration as it was written.'),
  diff: Diff.optional().describe('Against the revision before; absent when that is not kept.'),
  diffOmitted: z.int().optional(),
})

/** `/v1/revisions`: the revisions that are kept, newest first, and the way back to one of them. */
export const revisionOperations: readonly Operation[] = [
  operation({
    id: 'listRevisions',
    method: 'GET',
    path: '/v1/revisions',
    scope: 'read',
    summary: 'Lists the revisions that are kept, newest first',
    query: newestOf(CONTROL_LIMITS),
    answers: { 200: { description: 'A page of revisions.', schema: pageBefore(RevisionRecord) } },
    async handle({ query, deps: { control } }) {
      const called = await control.call('revisions', query)
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'getRevision',
    method: 'GET',
    path: '/v1/revisions/{revision}',
    scope: 'read',
    summary: 'Tells one revision with what it says and what it changed',
    params: RevisionParams,
    answers: { 200: { description: 'The revision.', schema: RevisionDetail } },
    async handle({ params, deps: { control } }) {
      const called = await control.call('revision', params)
      if (!called.ok) return refuseCall(called.error)
      return called.value === null ? refuseNumber(params.revision) : json(called.value)
    },
  }),
  operation({
    id: 'rollbackRevision',
    method: 'POST',
    path: '/v1/revisions/{revision}/rollback',
    scope: 'configure',
    summary: 'Makes a new revision that repeats an older one',
    params: RevisionParams,
    query: ChangeQuery,
    conditional: 'change',
    answers: { 200: { description: 'What became of it.', schema: ChangeMade } },
    refusals: ['invalid-configuration'],
    async handle({ params, query, expect, caller, deps: { control } }) {
      const change = { ...query, expect, actor: toActor(caller) }
      return answerChange(await control.call('rollback', { ...change, to: params.revision }))
    },
  }),
]

function refuseNumber(revision: number): Response {
  return refuse('not-found', `there is no revision ${revision}, or it is no longer kept`)
}
