import * as z from 'zod'
import { compile } from '../core/compile.ts'
import { explain } from '../core/explain.ts'
import { nothingSeen } from '../core/observation.ts'
import { Conditions } from '../schema/condition.ts'
import { CONFIG_LIMITS } from '../schema/config-limits.ts'
import { RequestFacts } from '../schema/facts.ts'
import { Explanation } from '../schema/explanation.ts'
import { json } from './answer.ts'
import { findDocument, toDraftDocument } from './document.ts'
import { type Operation, operation } from './operation.ts'
import { refuseProblems } from './problem-details.ts'
import type { AdminDeps } from './resource.ts'
import { findStrangers } from './strangers.ts'

/** A draft of a configuration, and room for the facts beside it. */
const MOST_BYTES = CONFIG_LIMITS.bytes + 1_048_576

const Question = z.strictObject({
  facts: RequestFacts.extend({ nowMs: z.number().optional().describe('Default: now.') }).transform(
    ({ nowMs = Date.now(), ...facts }) => ({ ...facts, nowMs }),
  ),
  conditions: Conditions.optional().describe(
    'In place of those that hold: "what if us-1 were down?"',
  ),
  config: z.unknown().optional().describe('A draft in place of the configuration in force.'),
})
type Question = z.output<typeof Question>

const Explained = Explanation.extend({
  revision: z.int().optional().describe('Absent for a draft.'),
  generation: z.int().optional(),
})

/** `/v1/explain`: what the router would do with a request, and why, in words. Changes nothing. */
export const explainOperations: readonly Operation[] = [
  operation({
    id: 'explain',
    method: 'POST',
    path: '/v1/explain',
    scope: 'read',
    summary: 'Tells what the router would do with a request, and why, in words',
    body: { schema: Question, mostBytes: MOST_BYTES, problem: 'invalid-question' },
    answers: { 200: { description: 'The decision and its story.', schema: Explained } },
    refusals: ['no-configuration', 'invalid-configuration'],
    handle: ({ body, deps }) => answerQuestion(body, deps),
  }),
]

async function answerQuestion(question: Question, deps: AdminDeps): Promise<Response> {
  const { facts, conditions, config } = question
  const found = config === undefined ? await findDocument(deps) : toDraftDocument(config)
  if (!found.ok) return found.refusal
  const document = conditions ? { ...found.value, conditions } : found.value
  const named = conditions && {
    origins: Object.keys(conditions.origins),
    pools: Object.keys(conditions.pools),
  }
  const problems = named ? findStrangers(named, document, 'conditions') : []
  if (problems.length > 0) return refuseProblems('invalid-question', problems)
  const snapshot = compile(document)
  const { revision, generation } = document
  // What one isolate has seen is no answer to a question about all.
  const explanation = explain(facts, snapshot, nothingSeen(snapshot))
  return json({ ...(config === undefined && { revision, generation }), ...explanation })
}
