import * as z from 'zod'
import { compile } from '../core/compile.ts'
import { simulate, withLost } from '../core/simulate.ts'
import { CONFIG_LIMITS } from '../schema/config-limits.ts'
import type { Problem } from '../schema/problem.ts'
import { Simulation, SimulationQuestion, type TrafficMix } from '../schema/simulation.ts'
import type { SnapshotDocument } from '../schema/snapshot.ts'
import { json } from './answer.ts'
import { findDocument, toDraftDocument } from './document.ts'
import { type Operation, operation } from './operation.ts'
import { refuseProblems } from './problem-details.ts'
import type { Parsed } from './query.ts'
import type { AdminDeps } from './resource.ts'
import { findStrangers } from './strangers.ts'

/** A draft of a configuration, and room for the facts of 5,000 requests beside it. */
const MOST_BYTES = CONFIG_LIMITS.bytes + 8_388_608

const Simulated = Simulation.extend({
  revision: z.int().describe('What it is compared with: as things stand now.'),
  generation: z.int(),
})

/** `/v1/simulate`: what a draft, or the loss of a region, would do to a traffic. Changes nothing. */
export const simulateOperations: readonly Operation[] = [
  operation({
    id: 'simulate',
    method: 'POST',
    path: '/v1/simulate',
    scope: 'read',
    summary: 'Tells what a draft or a lost region would do: shares, capacity exceeded, who moves',
    description:
      'Every request of the mix is decided twice: as things stand now, and as they would stand.',
    body: { schema: SimulationQuestion, mostBytes: MOST_BYTES, problem: 'invalid-question' },
    answers: { 200: { description: 'What comes of it.', schema: Simulated } },
    refusals: ['no-configuration', 'invalid-configuration'],
    handle: ({ body, deps }) => answerSimulation(body, deps),
  }),
]

async function answerSimulation(question: SimulationQuestion, deps: AdminDeps): Promise<Response> {
  const found = await findDocument(deps)
  if (!found.ok) return found.refusal
  const now = found.value
  const next = toNext(question, now)
  if (!next.ok) return next.refusal
  const problems = strangersIn(question, next.value)
  if (problems.length > 0) return refuseProblems('invalid-question', problems)
  const { revision, generation } = now
  const { traffic, requestsPerSecond } = question
  const asked = { traffic: atATime(traffic), requestsPerSecond }
  const simulation = simulate(asked, {
    now: compile(now),
    next: compile(lose(question, next.value)),
  })
  return json({ revision, generation, ...simulation })
}

function atATime(traffic: TrafficMix): TrafficMix {
  return traffic.type === 'given' ? traffic : { nowMs: Date.now(), ...traffic }
}

/** Things as they would stand: the draft, in the conditions that are given or hold now. */
function toNext(
  { config, conditions }: SimulationQuestion,
  now: SnapshotDocument,
): Parsed<SnapshotDocument> {
  const drafted = config === undefined ? { ok: true as const, value: now } : toDraftDocument(config)
  if (!drafted.ok) return drafted
  return { ok: true, value: { ...drafted.value, conditions: conditions ?? now.conditions } }
}

function lose({ lost }: SimulationQuestion, document: SnapshotDocument): SnapshotDocument {
  return { ...document, conditions: withLost(document.config, document.conditions, lost) }
}

function strangersIn({ conditions, lost }: SimulationQuestion, next: SnapshotDocument): Problem[] {
  const named = conditions && {
    origins: Object.keys(conditions.origins),
    pools: Object.keys(conditions.pools),
  }
  return [
    ...(named ? findStrangers(named, next, 'conditions') : []),
    ...findStrangers(lost, next, 'lost'),
  ]
}
