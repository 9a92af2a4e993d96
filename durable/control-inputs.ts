import * as z from 'zod'
import { Actor } from '../src/schema/deed.ts'
import { Expectation } from '../src/state/revision/expectation.ts'
import { CONTROL_LIMITS } from './control-methods.ts'

const RevisionNumber = z.int().min(1)
const Authorship = z.object({
  author: z.string().max(CONTROL_LIMITS.author).default(''),
  message: z.string().max(CONTROL_LIMITS.message).default(''),
  expect: Expectation.optional().describe('What the current revision has to be.'),
  dryRun: z.boolean().default(false),
  actor: Actor.prefault({ name: 'unknown' }).describe('Who does it, for the audit log.'),
})

// What the methods of the control object take. No strict objects: an object of one release may meet a Worker of the next.

/** A document to apply, as authored. */
export const PutInput = Authorship.extend({ authored: z.unknown() })

/** The revision to repeat. */
export const RollbackInput = Authorship.extend({ to: RevisionNumber })

/** A page of revisions: the newest, or those before one of them. */
export const RevisionsInput = z.object({
  limit: z.int().min(1).max(CONTROL_LIMITS.page).default(CONTROL_LIMITS.defaultPage),
  before: RevisionNumber.optional(),
})

/** One revision by its number. */
export const RevisionInput = z.object({ revision: RevisionNumber })

/** What the caller has already. */
export const SnapshotInput = z.object({
  after: z.int().min(-1).default(-1).describe('The generation that the caller has.'),
  form: z.string().default('').describe('The form of the configuration that the caller has.'),
})
