import * as z from 'zod'
import { AUDIT_LIMITS, AuditEntry, AuditVerdict, Hash } from '../schema/audit.ts'
import { json } from './answer.ts'
import { type Operation, operation } from './operation.ts'
import { newestOf, pageBefore } from './page.ts'
import { refuse, refuseCall } from './problem-details.ts'

const NotedQuery = z.strictObject({
  sequence: z.coerce.number().int().min(1).optional().describe('Of an entry noted earlier.'),
  hash: Hash.optional().describe('The hash that it had then.'),
})

/** `/v1/audit`: who did what, from where, when and why; and whether the log is what was written. */
export const auditOperations: readonly Operation[] = [
  operation({
    id: 'listAudit',
    method: 'GET',
    path: '/v1/audit',
    scope: 'read',
    summary: 'Lists what was done, newest first',
    query: newestOf(AUDIT_LIMITS),
    answers: { 200: { description: 'A page of the log.', schema: pageBefore(AuditEntry) } },
    async handle({ query, deps: { control } }) {
      const called = await control.call('audit', query)
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'verifyAudit',
    method: 'GET',
    path: '/v1/audit/verify',
    scope: 'read',
    summary:
      'Checks every entry that is kept against its hash, and the chain against one noted earlier',
    query: NotedQuery,
    answers: {
      200: { description: 'Whether it holds, or where it breaks.', schema: AuditVerdict },
    },
    async handle({ query: { sequence, hash }, deps: { control } }) {
      if ((sequence === undefined) !== (hash === undefined)) {
        return refuse('bad-request', '"sequence" and "hash" belong together')
      }
      const noted = sequence !== undefined && hash !== undefined ? { sequence, hash } : undefined
      const called = await control.call('verifyAudit', { ...(noted && { noted }) })
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
]
