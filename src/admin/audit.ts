import * as z from 'zod'
import { AUDIT_LIMITS, AuditEntry, AuditVerdict, Hash } from '../schema/audit.ts'
import { json } from './answer.ts'
import { type Operation, operation } from './operation.ts'
import { refuse, refuseCall } from './problem-details.ts'

const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(AUDIT_LIMITS.page).default(AUDIT_LIMITS.defaultPage),
  before: z.coerce.number().int().min(1).optional().describe('The `next` of the page before.'),
})

const Page = z.strictObject({
  items: z.array(AuditEntry),
  next: z.int().optional().describe('What to give as `before` for the rest.'),
})

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
    query: PageQuery,
    answers: { 200: { description: 'A page of the log.', schema: Page } },
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
