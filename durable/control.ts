import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import type { Config } from '../src/schema/config.ts'
import type { Problem } from '../src/schema/problem.ts'
import { SNAPSHOT_FORMAT, type SnapshotDocument } from '../src/schema/snapshot.ts'
import { differ } from '../src/state/difference.ts'
import {
  type Answer,
  type RevisionEffect,
  type RevisionEvent,
  type RevisionLog,
  revisionLog,
} from '../src/state/revision.ts'
import {
  type ChangeAnswer,
  type ControlMethods,
  type CurrentConfig,
  type Publication,
  PutInput,
  type RevisionDetail,
  RevisionInput,
  RevisionsInput,
  RollbackInput,
  SnapshotInput,
} from './control-methods.ts'
import { readDraft } from './draft.ts'
import { MachineObject, type MethodTable, method } from './machine.ts'
import { type RevisionStore, openRevisionStore } from './revision-store.ts'
import { publishSnapshot, readStanding } from './snapshot-store.ts'
import { Nothing } from './wire.ts'

type ChangeEvent = Extract<RevisionEvent, { type: 'put' | 'rollback' }>

/** The control object: keeps the revisions and publishes the snapshot. One for a deployment. */
export class Control extends MachineObject<RevisionLog, RevisionEvent, RevisionEffect> {
  protected readonly machine = revisionLog
  protected readonly methods: MethodTable<ControlMethods> = {
    config: method(Nothing, () => this.config()),
    put: method(PutInput, (input) => this.put(input)),
    rollback: method(RollbackInput, (input) => this.rollback(input)),
    revisions: method(RevisionsInput, (input) => this.list(input)),
    revision: method(RevisionInput, (input) => this.revision(input)),
    snapshot: method(SnapshotInput, ({ after }) => this.snapshot(after)),
    republish: method(Nothing, () => this.republish()),
  }

  private readonly snapshots: KVNamespace
  private readonly revisions: RevisionStore
  /** The current revision in canonical form; undefined when this release cannot read it. */
  private parsed: { readonly revision: number; readonly config: Config } | undefined

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx)
    this.snapshots = env.SNAPSHOTS
    this.revisions = openRevisionStore(ctx.storage.sql)
  }

  protected async begin(): Promise<RevisionEvent> {
    const { current: revision } = this.log
    if (revision === 0) {
      return { type: 'start', standing: await readStanding(this.snapshots) }
    }
    const read = await readDraft(this.authored(revision))
    if (read.ok) {
      this.parsed = { revision, config: read.draft.config }
      return { type: 'start', form: read.draft.form }
    }
    // Fails safe: what was published from it before stays where it is.
    console.error(`revision ${revision} is none that this release accepts`, read.problems)
    return { type: 'start' }
  }

  protected write(effect: RevisionEffect): void {
    if (effect.type === 'prune') this.revisions.prune(effect.oldest)
    if (effect.type !== 'store') return
    this.revisions.add(effect)
    this.parsed = { revision: effect.revision, config: effect.entry.config }
  }

  protected async run(effect: RevisionEffect): Promise<RevisionEvent | undefined> {
    if (effect.type !== 'publish') return undefined
    const { generation } = this.log
    const document = this.document()
    if (document === undefined) return { type: 'failed', generation }
    try {
      await publishSnapshot(this.snapshots, document)
      return { type: 'published', generation }
    } catch (error) {
      console.error(`generation ${generation} was not published`, error)
      return { type: 'failed', generation }
    }
  }

  private config(): CurrentConfig | null {
    const { current: revision, generation } = this.log
    if (revision === 0) return null
    return { revision, generation, authored: this.authored(revision) }
  }

  private async put(input: z.output<typeof PutInput>): Promise<ChangeAnswer> {
    const { authored, author, message, expect, dryRun } = input
    const read = await readDraft(authored)
    if (!read.ok) return { outcome: 'rejected', problems: read.problems }
    const { problems } = read
    const entry = { ...read.draft, author, message }
    return this.change({ type: 'put', entry, expect }, { authored, problems, dryRun })
  }

  private async rollback(input: z.output<typeof RollbackInput>): Promise<ChangeAnswer> {
    const { to, author, message, expect, dryRun } = input
    const authored = this.authored(to)
    const missing = { type: 'rollback', to, entry: undefined } as const
    if (authored === undefined) return this.change(missing, { authored, problems: [], dryRun })
    // Read again by this release: what an older one accepted need not be good today.
    const read = await readDraft(authored)
    if (!read.ok) return { outcome: 'rejected', problems: read.problems }
    const { problems } = read
    const entry = { ...read.draft, author, message }
    return this.change({ type: 'rollback', to, entry, expect }, { authored, problems, dryRun })
  }

  private async change(
    event: ChangeEvent,
    { authored, problems, dryRun }: ChangeContext,
  ): Promise<ChangeAnswer> {
    const { changes: diff, omitted } = differ(this.authored(this.log.current), authored)
    const effects = dryRun ? this.preview(event) : await this.dispatch(event)
    const { outcome, revision, generation } = answerIn(effects)
    if (outcome === 'mismatch' || outcome === 'not-kept') return { outcome, revision }
    const published = !dryRun && this.log.published >= generation
    const made = { outcome, dryRun, revision, generation, published, problems }
    return { ...made, diff, diffOmitted: omitted }
  }

  private list({ limit, before }: z.output<typeof RevisionsInput>) {
    const items = this.revisions.list({ limit: limit + 1, before })
    const last = items.length > limit ? items[limit - 1] : undefined
    return { items: items.slice(0, limit), ...(last && { next: last.revision }) }
  }

  private revision({ revision }: z.output<typeof RevisionInput>): RevisionDetail | null {
    const record = this.revisions.find(revision)
    if (record === undefined) return null
    const [previous] = this.revisions.list({ limit: 1, before: revision })
    const authored = this.authored(revision)
    if (revision > 1 && previous === undefined) return { ...record, authored }
    const { changes: diff, omitted } = differ(
      previous && this.authored(previous.revision),
      authored,
    )
    return { ...record, authored, diff, diffOmitted: omitted }
  }

  private snapshot(after: number): SnapshotDocument | null {
    return this.log.generation > after ? (this.document() ?? null) : null
  }

  private async republish(): Promise<Publication> {
    const standing = await readStanding(this.snapshots)
    await this.dispatch({ type: 'watch', standing })
    const { current: revision, generation, published, failures } = this.log
    return { revision, generation, published, failures }
  }

  private document(): SnapshotDocument | undefined {
    const { current: revision, form, generation, generatedAtMs: publishedAtMs } = this.log
    if (revision === 0 || this.parsed?.revision !== revision) return undefined
    const { config } = this.parsed
    const conditions = { origins: {}, pools: {}, routes: {} }
    const head = { format: SNAPSHOT_FORMAT, revision, form, generation, publishedAtMs } as const
    return { ...head, config, conditions }
  }

  private authored(revision: number): unknown {
    const text = this.revisions.read(revision)
    return text === undefined ? undefined : JSON.parse(text)
  }
}

interface ChangeContext {
  readonly authored: unknown
  readonly problems: readonly Problem[]
  readonly dryRun: boolean
}

function answerIn(effects: readonly RevisionEffect[]): Answer {
  for (const effect of effects) if (effect.type === 'answer') return effect.answer
  throw new Error('the log of revisions gave no answer to a change')
}
