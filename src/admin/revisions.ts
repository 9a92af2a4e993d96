import type { Hono } from 'hono/tiny'
import * as z from 'zod'
import { CONTROL_LIMITS } from '../../durable/control-methods.ts'
import { json } from './answer.ts'
import { ChangeQuery, answerChange } from './change.ts'
import { readExpectation } from './precondition.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { parseQuery } from './query.ts'
import type { AdminDeps, AdminEnv } from './resource.ts'

const PageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(CONTROL_LIMITS.page)
    .default(CONTROL_LIMITS.defaultPage),
  before: z.coerce.number().int().min(1).optional(),
})

/** `/v1/revisions`: the revisions that are kept, newest first, and the way back to one of them. */
export function addRevisions(app: Hono<AdminEnv>, deps: AdminDeps): void {
  app.get('/v1/revisions', ({ req }) => list(req.raw, deps))
  app.get('/v1/revisions/:revision', ({ req }) => get(req.param('revision'), deps))
  app.post('/v1/revisions/:revision/rollback', ({ req }) =>
    rollback(req.raw, req.param('revision'), deps),
  )
}

async function list(request: Request, { control }: AdminDeps): Promise<Response> {
  const query = parseQuery(request, PageQuery)
  if (!query.ok) return query.refusal
  const called = await control.call('revisions', query.value)
  return called.ok ? json(called.value) : refuseCall(called.error)
}

async function get(text: string, { control }: AdminDeps): Promise<Response> {
  const revision = toRevision(text)
  if (revision === undefined) return refuseNumber(text)
  const called = await control.call('revision', { revision })
  if (!called.ok) return refuseCall(called.error)
  return called.value === null ? refuseNumber(text) : json(called.value)
}

async function rollback(request: Request, text: string, { control }: AdminDeps): Promise<Response> {
  const to = toRevision(text)
  if (to === undefined) return refuseNumber(text)
  const query = parseQuery(request, ChangeQuery)
  if (!query.ok) return query.refusal
  const condition = readExpectation(request)
  if (!condition.ok) return condition.refusal
  const { expect } = condition
  return answerChange(await control.call('rollback', { ...query.value, expect, to }))
}

function toRevision(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined
}

function refuseNumber(text: string): Response {
  return refuse('not-found', `there is no revision "${text}", or it is no longer kept`)
}
