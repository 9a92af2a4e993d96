import * as z from 'zod'
import type { OriginDetail } from '../../durable/origin-methods.ts'
import { Id } from '../schema/id.ts'
import type { OriginView } from '../schema/traffic.ts'
import { OriginPage, OriginReport } from '../schema/traffic-answer.ts'
import { PageQuery } from '../schema/traffic-request.ts'
import { quantile } from '../state/latency.ts'
import { toDrainReport } from '../state/traffic/drained.ts'
import { json } from './answer.ts'
import { type Operation, operation } from './operation.ts'
import { refuse, refuseCall } from './problem-details.ts'
import { askKept, type Kept, toRest } from './rest.ts'
import type { AdminDeps } from './resource.ts'

/** `/v1/origins`: origins as they stand now. */
export const originOperations: readonly Operation[] = [
  operation({
    id: 'listOrigins',
    method: 'GET',
    path: '/v1/origins',
    scope: 'read',
    summary: 'The origins: health with its evidence, state, share, ramp, connections and traffic',
    query: PageQuery,
    answers: { 200: { description: 'A page of origins, by id.', schema: OriginPage } },
    async handle({ query, deps }) {
      const called = await deps.control.call('origins', query)
      if (!called.ok) return refuseCall(called.error)
      const { items, next } = called.value
      const kept = await askKept(items, deps)
      const reports = await Promise.all(
        items.map((view) => toReport(view, kept(view.pool, [view.id]), deps)),
      )
      return json({ items: reports, ...(next !== undefined && { next }) })
    },
  }),
  operation({
    id: 'getOrigin',
    method: 'GET',
    path: '/v1/origins/{id}',
    scope: 'read',
    summary: 'One origin as it stands now, with what each region sees of it',
    params: z.strictObject({ id: Id }),
    answers: { 200: { description: 'The origin.', schema: OriginReport } },
    refusals: ['not-found'],
    async handle({ params, deps }) {
      const called = await deps.control.call('origin', params)
      if (!called.ok) return refuseCall(called.error)
      const { value: view } = called
      if (view !== null) {
        const kept = await askKept([view], deps)
        return json(await toReport(view, kept(view.pool, [view.id]), deps))
      }
      return refuse('not-found', `there is no origin "${params.id}" in the configuration`)
    },
  }),
]

/** Adds what the object of the origin knows. One that does not answer in time costs only its own fields. */
async function toReport(
  { drain, ...view }: OriginView,
  kept: Kept,
  { origin }: AdminDeps,
): Promise<OriginReport> {
  const asked = { origin: view.id, isDraining: drain !== undefined }
  const called = await origin(view.id).call('detail', asked)
  const rest = drain && { drain: toDrainReport(drain, toRest([called], kept), Date.now()) }
  if (called.ok) {
    const evidence = toEvidence(view, called.value)
    return { ...view, evidence, ...rest, ...toFields(called.value) }
  }
  return { ...view, ...rest, missing: `the object of the origin: ${called.error.message}` }
}

/** Control has the evidence of the last change of health; the object has that of this moment. */
function toEvidence(view: Omit<OriginView, 'drain'>, { health, evidence }: OriginDetail): string {
  if (health === view.health) return evidence
  return `${view.evidence}; not heard of everywhere yet: ${health}, ${evidence}`
}

function toFields({ connections, flaps, regions, passive }: OriginDetail) {
  const { latencies, ...counts } = passive
  const p50Ms = quantile(latencies, 0.5)
  const p95Ms = quantile(latencies, 0.95)
  const speeds = p50Ms === undefined || p95Ms === undefined ? {} : { p50Ms, p95Ms }
  return { connections, flaps, regions: [...regions], passive: { ...counts, ...speeds } }
}
