import * as z from 'zod'
import type { Config } from '../schema/config.ts'
import { Id } from '../schema/id.ts'
import { Pool } from '../schema/pool.ts'
import { TrialReport } from '../schema/traffic-answer.ts'
import { PreviewBody } from '../schema/traffic-request.ts'
import { json } from './answer.ts'
import { findDocument } from './document.ts'
import { SMALL_BODY } from './move.ts'
import { type Operation, operation } from './operation.ts'
import { refuse } from './problem-details.ts'
import type { Parsed } from './query.ts'
import { tryFromRegions } from './trial.ts'

const answers = { 200: { description: 'What each region saw.', schema: TrialReport } }

/** `/v1/origins/{id}/probe` and `/v1/monitors/preview`: a probe now, that counts for nothing. */
export const monitorOperations: readonly Operation[] = [
  operation({
    id: 'probeOrigin',
    method: 'POST',
    path: '/v1/origins/{id}/probe',
    scope: 'operate',
    summary: 'Probes an origin now from every region, by the monitors of its pool',
    description: 'What is seen is shown and changes nothing: health goes by the scheduled probes.',
    params: z.strictObject({ id: Id }),
    answers,
    refusals: ['not-found', 'conflict', 'no-configuration'],
    async handle({ params, deps }) {
      const found = await findDocument(deps)
      if (!found.ok) return found.refusal
      const chosen = chooseOrigins(found.value.config, [params.id])
      if (!chosen.ok) return chosen.refusal
      if (Object.values(chosen.value.pools).every(({ monitor }) => monitor === undefined)) {
        const detail = `the pool of "${params.id}" has no monitor: give it one, or send a draft to /v1/monitors/preview`
        return refuse('conflict', detail)
      }
      return json(await tryFromRegions(chosen.value, deps))
    },
  }),
  operation({
    id: 'previewMonitor',
    method: 'POST',
    path: '/v1/monitors/preview',
    // Not "operate": a draft can send what a secret holds to any address.
    scope: 'configure',
    summary: 'Tries a monitor, or the draft of one, on origins or on any URL',
    body: { schema: PreviewBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers,
    refusals: ['not-found', 'no-configuration'],
    async handle({ body, deps }) {
      const found = await findDocument(deps)
      if (!found.ok) return found.refusal
      const trial = toTrial(found.value.config, body)
      return trial.ok ? json(await tryFromRegions(trial.value, deps)) : trial.refusal
    },
  }),
]

/** The name of a draft, and of an origin that is none yet, in the answer. */
const DRAFT = 'draft'

function toTrial(config: Config, { monitor, origins, url, regions }: PreviewBody): Parsed<Config> {
  const found = typeof monitor === 'string' ? config.monitors[monitor] : monitor
  const id = typeof monitor === 'string' ? monitor : DRAFT
  if (found === undefined) {
    return refusal(`there is no monitor "${id}" in the configuration; a draft is an object`)
  }
  const chosen = url === undefined ? chooseOrigins(config, origins ?? []) : onlyUrl(config, url)
  if (!chosen.ok) return chosen
  const pools = mapValues(chosen.value.pools, (pool) => ({
    ...pool,
    monitor: [{ id, role: 'required' as const }],
  }))
  const tried = regions === undefined ? found : { ...found, regions }
  return { ok: true, value: { ...chosen.value, monitors: { [id]: tried }, pools } }
}

/** The configuration with these origins and no others. */
function chooseOrigins(config: Config, ids: readonly string[]): Parsed<Config> {
  const known = new Set(Object.values(config.pools).flatMap((pool) => Object.keys(pool.origins)))
  const unknown = ids.find((id) => !known.has(id))
  if (unknown !== undefined) {
    return refusal(`there is no origin "${unknown}" in the configuration`)
  }
  const wanted = new Set(ids)
  const pools = mapValues(config.pools, (pool) => ({
    ...pool,
    origins: Object.fromEntries(Object.entries(pool.origins).filter(([id]) => wanted.has(id))),
  }))
  const left = Object.entries(pools).filter(([, { origins }]) => Object.keys(origins).length > 0)
  return { ok: true, value: { ...config, pools: Object.fromEntries(left) } }
}

function onlyUrl(config: Config, url: string): Parsed<Config> {
  const pool = Pool.safeParse({ origins: { [DRAFT]: { url } } })
  if (pool.success) return { ok: true, value: { ...config, pools: { [DRAFT]: pool.data } } }
  const detail = `"url": ${pool.error.issues[0]?.message ?? 'cannot be used'}`
  return { ok: false, refusal: refuse('invalid-question', detail) }
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function refusal(detail: string): Parsed<never> {
  return { ok: false, refusal: refuse('not-found', detail) }
}
