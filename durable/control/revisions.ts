import type * as z from 'zod'
import type { Problem } from '../../src/schema/problem.ts'
import type { ControlEffect } from '../../src/state/control/event.ts'
import { differ } from '../../src/state/revision/difference.ts'
import type { Answer, RevisionEvent } from '../../src/state/revision/revision.ts'
import { PutInput, RevisionInput, RevisionsInput, RollbackInput } from '../control-inputs.ts'
import type {
  ChangeAnswer,
  CurrentConfig,
  RevisionDetail,
  RevisionMethods,
} from '../control-methods.ts'
import { readDraft } from '../draft.ts'
import { method } from '../machine.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

type ChangeEvent = Extract<RevisionEvent, { type: 'put' | 'rollback' }>

/** The revisions: reading them, adding one, going back to one. */
export function revisionFacet(shell: ControlShell): Facet<RevisionMethods> {
  return {
    methods: {
      config: method(Nothing, () => readCurrent(shell)),
      put: method(PutInput, (input) => put(shell, input)),
      rollback: method(RollbackInput, (input) => rollback(shell, input)),
      revisions: method(RevisionsInput, (input) => list(shell, input)),
      revision: method(RevisionInput, (input) => detail(shell, input)),
    },
    write(effect) {
      if (effect.type === 'prune') shell.revisions.prune(effect.oldest)
      if (effect.type === 'store') shell.revisions.add(effect)
    },
  }
}

/** A revision as authored; undefined when it is not kept. */
export function readAuthored({ revisions }: ControlShell, revision: number): unknown {
  const text = revisions.read(revision)
  return text === undefined ? undefined : JSON.parse(text)
}

function readCurrent(shell: ControlShell): CurrentConfig | null {
  const { current: revision, generation } = shell.state().log
  if (revision === 0) return null
  return { revision, generation, authored: readAuthored(shell, revision) }
}

async function put(shell: ControlShell, input: z.output<typeof PutInput>): Promise<ChangeAnswer> {
  const { authored, author, message, expect, dryRun, actor } = input
  const read = await readDraft(authored)
  if (!read.ok) return { outcome: 'rejected', problems: read.problems }
  const { problems } = read
  const entry = { ...read.draft, author, message, actor }
  return change(shell, { type: 'put', entry, expect }, { authored, problems, dryRun })
}

async function rollback(
  shell: ControlShell,
  input: z.output<typeof RollbackInput>,
): Promise<ChangeAnswer> {
  const { to, author, message, expect, dryRun, actor } = input
  const authored = readAuthored(shell, to)
  const missing = { type: 'rollback', to, entry: undefined } as const
  if (authored === undefined) return change(shell, missing, { authored, problems: [], dryRun })
  // Read again by this release: what an older one accepted need not be good today.
  const read = await readDraft(authored)
  if (!read.ok) return { outcome: 'rejected', problems: read.problems }
  const { problems } = read
  const entry = { ...read.draft, author, message, actor }
  return change(shell, { type: 'rollback', to, entry, expect }, { authored, problems, dryRun })
}

interface ChangeContext {
  readonly authored: unknown
  readonly problems: readonly Problem[]
  readonly dryRun: boolean
}

async function change(
  shell: ControlShell,
  event: ChangeEvent,
  { authored, problems, dryRun }: ChangeContext,
): Promise<ChangeAnswer> {
  const before = readAuthored(shell, shell.state().log.current)
  const { changes: diff, omitted } = differ(before, authored)
  const effects = dryRun ? shell.preview(event) : await shell.dispatch(event)
  const { outcome, revision, generation } = answerIn(effects)
  if (outcome === 'mismatch' || outcome === 'not-kept') return { outcome, revision }
  const published = !dryRun && shell.state().log.published >= generation
  const made = { outcome, dryRun, revision, generation, published, problems }
  return { ...made, diff, diffOmitted: omitted }
}

function answerIn(effects: readonly ControlEffect[]): Answer {
  for (const effect of effects) if (effect.type === 'answer') return effect.answer
  throw new Error('the log of revisions gave no answer to a change')
}

function list(
  { revisions }: ControlShell,
  { limit, before }: z.output<typeof RevisionsInput>,
): ReturnType<RevisionMethods['revisions']> {
  const items = revisions.list({ limit: limit + 1, before })
  const last = items.length > limit ? items[limit - 1] : undefined
  return { items: items.slice(0, limit), ...(last && { next: last.revision }) }
}

function detail(
  shell: ControlShell,
  { revision }: z.output<typeof RevisionInput>,
): RevisionDetail | null {
  const record = shell.revisions.find(revision)
  if (record === undefined) return null
  const [previous] = shell.revisions.list({ limit: 1, before: revision })
  const authored = readAuthored(shell, revision)
  if (revision > 1 && previous === undefined) return { ...record, authored }
  const before = previous && readAuthored(shell, previous.revision)
  const { changes: diff, omitted } = differ(before, authored)
  return { ...record, authored, diff, diffOmitted: omitted }
}
