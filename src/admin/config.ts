import type { Hono } from 'hono/tiny'
import { CONFIG_LIMITS } from '../schema/config.ts'
import { readBody } from './body.ts'
import { json } from './answer.ts'
import { ChangeQuery, answerChange } from './change.ts'
import { isKnown, readExpectation, toEntityTag } from './precondition.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { parseQuery } from './query.ts'
import type { AdminDeps, AdminEnv } from './resource.ts'

/** `/v1/config`: the configuration in force, as authored. */
export function addConfig(app: Hono<AdminEnv>, deps: AdminDeps): void {
  app.get('/v1/config', ({ req }) => getConfig(req.raw, deps))
  app.put('/v1/config', ({ req }) => putConfig(req.raw, deps))
}

async function getConfig(request: Request, { control }: AdminDeps): Promise<Response> {
  const called = await control.call('config', {})
  if (!called.ok) return refuseCall(called.error)
  if (called.value === null) return refuse('no-configuration', 'apply one with PUT')
  const { revision, authored } = called.value
  const headers = { etag: toEntityTag(revision) }
  if (isKnown(request, revision)) return new Response(null, { status: 304, headers })
  return json(authored, headers)
}

async function putConfig(request: Request, { control }: AdminDeps): Promise<Response> {
  const query = parseQuery(request, ChangeQuery)
  if (!query.ok) return query.refusal
  const condition = readExpectation(request)
  if (!condition.ok) return condition.refusal
  const body = await readBody(request, CONFIG_LIMITS.bytes)
  if (!body.ok) return body.refusal
  const { expect } = condition
  return answerChange(await control.call('put', { ...query.value, expect, authored: body.value }))
}
