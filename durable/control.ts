import type { Env } from '../src/env.ts'
import type { ControlEffect, ControlEvent } from '../src/state/control/event.ts'
import type { ControlState } from '../src/state/control/state.ts'
import { control } from '../src/state/control/control.ts'
import { openAuditStore } from './audit-store.ts'
import type { ControlMethods } from './control-methods.ts'
import { auditFacet } from './control/audit.ts'
import type { AnyFacet, ControlShell, ParsedRevision } from './control/facet.ts'
import { idempotencyFacet } from './control/idempotency.ts'
import { keyringFacet } from './control/keyring.ts'
import { notificationFacet } from './control/notifications.ts'
import { moveFacet } from './control/moves.ts'
import { outreachFacet } from './control/outreach.ts'
import { trafficFacet } from './control/traffic.ts'
import { probingFacet } from './control/probing.ts'
import { publicationFacet } from './control/publication.ts'
import { sessionShardsFacet } from './control/session-shards.ts'
import { purgeFacet } from './control/purges.ts'
import { readAuthored, revisionFacet } from './control/revisions.ts'
import { tokenFacet } from './control/tokens.ts'
import { zonesFacet } from './control/zones.ts'
import { readDraft } from './draft.ts'
import { openKeyringStore } from './keyring-store.ts'
import { MachineObject, type MethodTable } from './machine.ts'
import { openRevisionStore } from './revision-store.ts'
import { readRemains } from './snapshot-store.ts'

/** The control object: what a deployment agrees on. One for a deployment; its facets do the work. */
export class Control extends MachineObject<ControlState, ControlEvent, ControlEffect> {
  protected readonly machine = control
  protected readonly methods: MethodTable<ControlMethods>

  private readonly snapshots: KVNamespace
  private readonly shell: ControlShell
  private readonly facets: readonly AnyFacet[]
  /**
   * The current revision in canonical form; none when this release cannot read it. Between the writing of the
   * next one and the end of its transaction, which may fail, both.
   */
  private parsed: readonly ParsedRevision[] = []

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx)
    this.snapshots = env.SNAPSHOTS
    this.shell = this.toShell(env)
    const revisions = revisionFacet(this.shell)
    const keyring = keyringFacet(this.shell)
    const publication = publicationFacet(this.shell, {
      store: () => this.snapshots,
      tend: () => keyring.tend(),
    })
    const probing = probingFacet(this.shell)
    const log = openAuditStore(this.storage.sql)
    const audit = auditFacet(this.shell, log)
    const tokens = tokenFacet(this.shell, log)
    const idempotency = idempotencyFacet(this.shell)
    const notifications = notificationFacet(this.shell)
    const traffic = trafficFacet(this.shell)
    const moves = moveFacet(this.shell)
    const outreach = outreachFacet(this.shell)
    const shards = sessionShardsFacet(this.shell)
    const zones = zonesFacet(this.shell)
    const purges = purgeFacet(this.shell)
    this.facets = [revisions, publication, keyring, shards, audit, notifications, outreach, zones]
    this.methods = {
      ...revisions.methods,
      ...publication.methods,
      ...keyring.methods,
      ...probing.methods,
      ...audit.methods,
      ...tokens.methods,
      ...idempotency.methods,
      ...notifications.methods,
      ...traffic.methods,
      ...moves.methods,
      ...zones.methods,
      ...purges.methods,
    }
  }

  protected async begin(): Promise<ControlEvent> {
    const { current: revision } = this.log.log
    if (revision === 0) return { type: 'start', ...(await readRemains(this.snapshots)) }
    const read = await readDraft(readAuthored(this.shell, revision))
    if (read.ok) {
      this.parsed = [{ revision, config: read.draft.config }]
      return { type: 'start', form: read.draft.form, config: read.draft.config }
    }
    // Fails safe: what was published from it before stays where it is.
    console.error(`revision ${revision} is none that this release accepts`, read.problems)
    return { type: 'start' }
  }

  protected write(effect: ControlEffect): void {
    for (const facet of this.facets) facet.write?.(effect)
    if (effect.type !== 'store') return
    const next = { revision: effect.revision, config: effect.entry.config }
    this.parsed = [next, ...this.parsed.filter((each) => this.isInForce(each))]
  }

  protected async run(effect: ControlEffect): Promise<ControlEvent | undefined> {
    if (effect.type === 'store') this.parsed = this.parsed.filter((each) => this.isInForce(each))
    for (const facet of this.facets) {
      const running = facet.run?.(effect)
      if (running !== undefined) return running
    }
    return undefined
  }

  protected override reach(effect: ControlEffect): Promise<ControlEvent | undefined> | undefined {
    for (const facet of this.facets) {
      const running = facet.reach?.(effect)
      if (running !== undefined) return running
    }
    return undefined
  }

  private isInForce({ revision }: ParsedRevision): boolean {
    return revision === this.log.log.current
  }

  private toShell(env: Env): ControlShell {
    return {
      env,
      storage: this.storage,
      revisions: openRevisionStore(this.storage.sql),
      keyring: openKeyringStore(this.storage.sql),
      state: () => this.log,
      config: () => this.parsed.find((each) => this.isInForce(each))?.config,
      dispatch: (event) => this.dispatch(event),
      post: (event) => this.post(event),
      preview: (event) => this.preview(event),
    }
  }
}
