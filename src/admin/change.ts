import * as z from 'zod'
import {
  type ChangeAnswer,
  type ControlMethods,
  CONTROL_LIMITS,
} from '../../durable/control-methods.ts'
import type { Called } from '../../durable/client.ts'
import { Flag } from '../schema/flag.ts'
import { Problem } from '../schema/problem.ts'
import { json } from './answer.ts'
import { refuseMismatch, toEntityTag } from './precondition.ts'
import { refuse, refuseCall, refuseProblems } from './problem-details.ts'

/** What a change takes in its query: who made it and why, and whether it is meant. */
export const ChangeQuery = z.strictObject({
  author: z.string().max(CONTROL_LIMITS.author).default('').describe('Kept with the revision.'),
  message: z.string().max(CONTROL_LIMITS.message).default('').describe('Kept with the revision.'),
  dryRun: Flag.describe('Checks and compares, and changes nothing.'),
})

/** The values in which a revision differs from the one before it. */
export const Diff = z.array(
  z.strictObject({
    path: z.string().describe('JSON pointer (RFC 6901).'),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  }),
)

/** A change that was made, was already in force, or (a dry run) would be made. */
export const ChangeMade = z.strictObject({
  outcome: z.enum(['accepted', 'unchanged']),
  dryRun: z.boolean(),
  revision: z.int(),
  generation: z.int(),
  published: z.boolean().describe('Whether it stands in KV already; if not, attempts go on.'),
  problems: z.array(Problem).describe('Warnings.'),
  diff: Diff,
  diffOmitted: z.int().describe('Differences beyond those that are listed.'),
})

/** Tells what became of a change of the configuration. */
export function answerChange(called: Called<ReturnType<ControlMethods['put']>>): Response {
  if (!called.ok) return refuseCall(called.error)
  const answer: ChangeAnswer = called.value
  switch (answer.outcome) {
    case 'rejected':
      return refuseProblems('invalid-configuration', answer.problems)
    case 'mismatch':
      return refuseMismatch(answer.revision)
    case 'not-kept':
      return refuse('not-found', 'this revision does not exist, or is no longer kept')
    case 'accepted':
    case 'unchanged':
      // A dry run names the revision that would be; its tag must not be taken for one that is.
      return json(answer, answer.dryRun ? {} : { etag: toEntityTag(answer.revision) })
  }
}
