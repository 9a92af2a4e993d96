import * as z from 'zod'
import type { PurgeAnswer } from '../../durable/purge-methods.ts'
import { estimatePurge } from '../cache/estimate.ts'
import { toCacheStanding } from '../cache/standing.ts'
import { compilePurges } from '../core/purge.ts'
import type { Snapshot } from '../core/snapshot.ts'
import {
  CacheLook,
  CachePurged,
  CacheQuery,
  CacheStanding,
  PurgeBody,
  type PurgeEstimate,
  PurgeQuery,
} from '../schema/cache-report.ts'
import { json } from './answer.ts'
import { SMALL_BODY } from './move.ts'
import { type Call, type Operation, operation } from './operation.ts'
import { refuseOverride } from './override.ts'
import { refuse, refuseCall } from './problem-details.ts'
import type { AdminDeps } from './resource.ts'
import { toActor } from './scope.ts'

/** `/v1/cache`: what the edge cache holds, and what is to go from it. */
export const cacheOperations: readonly Operation[] = [
  operation({
    id: 'lookAtCache',
    method: 'GET',
    path: '/v1/cache',
    scope: 'read',
    summary: 'Tells what every tier holds for a request; or how the cache of this isolate stands',
    description:
      'With "url": memory, data centre and shield as the isolate that answers sees them, KV for all, and what would be ' +
      'decided. Without: its counts by route. Fetches, stores and counts nothing.',
    query: CacheQuery,
    answers: {
      200: {
        description: 'The request, tier by tier; or the counts.',
        schema: z.union([CacheLook, CacheStanding]),
      },
    },
    refusals: ['not-ready'],
    async handle({ query: { url, ...request }, deps: { cache, snapshot } }) {
      const current = snapshot()
      if (url === undefined) return json(toCacheStanding(cache.engine, current?.purges))
      if (current === undefined) return refuseUnready()
      return json(await cache.look({ url, ...request }, current))
    },
  }),
  operation({
    id: 'purgeCache',
    method: 'POST',
    path: '/v1/cache/purge',
    scope: 'operate',
    summary:
      'Purges answers by URL, host, path prefix, tag or route, everywhere within ten seconds',
    description:
      'What was asked for before the purge is gone, or stale, in every tier. Nothing is listed or deleted: it expires ' +
      'where it lies. A hard purge of everything is an interlock: it takes "override=true" and the scope "admin".',
    query: PurgeQuery,
    body: { schema: PurgeBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers: { 200: { description: 'It is on its way to every edge.', schema: CachePurged } },
    refusals: ['no-configuration', 'not-found', 'interlock', 'forbidden', 'not-ready'],
    handle: purge,
  }),
]

type PurgeCall = Call<unknown, z.output<typeof PurgeQuery>, z.output<typeof PurgeBody>>

async function purge({ query, body, caller, deps }: PurgeCall): Promise<Response> {
  const { dryRun, override } = query
  const isEverything = body.kind === 'hard' && body.targets.some((target) => 'all' in target)
  const forbidden = refuseOverride(query, caller)
  if (forbidden) return forbidden
  if (isEverything && !override && !dryRun) return refuse('interlock', EVERYTHING)
  const current = deps.snapshot()
  if (dryRun && current === undefined) return refuseUnready()
  const unknown = current && unknownRoute(body, current)
  if (unknown !== undefined) return refuse('not-found', `there is no route "${unknown}"`)
  const called = await deps.control.call('purge', { ...body, ...query, actor: toActor(caller) })
  if (!called.ok) return refuseCall(called.error)
  return answer(called.value, dryRun && current ? estimate(body, current, deps) : undefined)
}

/** A route that this isolate does not know; of one that is gone nothing is given out any more. */
function unknownRoute(
  { targets }: z.output<typeof PurgeBody>,
  { routes }: Snapshot,
): string | undefined {
  const named = targets.flatMap((target) => ('route' in target ? target.route : []))
  return named.find((name) => !routes.some(({ id }) => id === name))
}

const EVERYTHING =
  'every answer would be fetched from its origin again at once; purge hosts or routes, or softly, so that stale ' +
  'answers are given out meanwhile, look at "?dryRun=true", or repeat it with "?override=true" and a token with the ' +
  'scope "admin", which the audit log keeps'

function answer(purged: PurgeAnswer, estimated: PurgeEstimate | undefined): Response {
  if (purged.outcome === 'no-configuration') {
    return refuse('no-configuration', 'put one first: PUT /v1/config')
  }
  return json({ ...purged, ...(estimated && { estimate: estimated }) })
}

function estimate(
  { targets, kind }: z.output<typeof PurgeBody>,
  { purges: known, routes }: Snapshot,
  { cache }: Pick<AdminDeps, 'cache'>,
): PurgeEstimate {
  const rows = targets.map((target) => ({ serial: Number.MAX_SAFE_INTEGER, target, kind }))
  const asked = compilePurges(rows, routes)
  return estimatePurge({ memory: cache.engine.memory, known, asked }, Date.now())
}

function refuseUnready(): Response {
  return refuse('not-ready', 'no snapshot has reached this isolate yet: ask again in a moment')
}
