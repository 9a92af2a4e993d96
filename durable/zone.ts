import type { Env } from '../src/env.ts'
import type { ZoneView } from '../src/schema/dns-answer.ts'
import type { DnsFailure } from '../src/schema/dns-record-set.ts'
import { type ZoneName, toZoneId } from '../src/schema/dns-zone.ts'
import type { ZoneEffect, ZoneEvent } from '../src/state/dns/event.ts'
import type { ZoneState } from '../src/state/dns/state.ts'
import { toZoneView } from '../src/state/dns/view.ts'
import { clip } from '../src/state/outbox/notice.ts'
import { isMoved, previewRun, zoneMachine } from '../src/state/dns/zone.ts'
import { createControlClient } from './control-methods.ts'
import { MachineObject, type MethodTable, method } from './machine.ts'
import { createChecker } from './zone/checker.ts'
import { createDocumentSource } from './zone/document.ts'
import { createProviderSource } from './zone/provider.ts'
import { toRunReport } from './zone/run-report.ts'
import { applyChanges, hasSameKeys, survey, toWish } from './zone/survey.ts'
import {
  AskInput,
  FreezeInput,
  ReconcileInput,
  type RunReport,
  ViewInput,
  type ZoneMethods,
} from './zone-methods.ts'

/** Less than the lease of an attempt to tell. */
const TELL_TIMEOUT_MS = 10_000

/** What was wanted that long ago is wanted still: a generation that came meanwhile asks for a run of its own. */
const SWIFT_MS = 2000

/** How long somebody who asks for a run waits for its end, and how often it is looked for. */
const WAIT = { mostMs: 25_000, pollMs: 25 } as const

type EffectOf<Type extends ZoneEffect['type']> = Extract<ZoneEffect, { type: Type }>

/** The object of one zone at one provider: it keeps the records that follow health as they should be. */
export class Zone extends MachineObject<ZoneState, ZoneEvent, ZoneEffect> {
  protected readonly machine = zoneMachine
  protected readonly methods: MethodTable<ZoneMethods> = {
    ask: method(AskInput, async (input) => {
      await this.dispatch({ type: 'ask', ...input })
      return { known: true }
    }),
    view: method(ViewInput, ({ zone }) => this.view(zone)),
    reconcile: method(ReconcileInput, ({ zone, dryRun }) =>
      dryRun ? this.rehearse(zone) : this.reconcile(zone),
    ),
    freeze: method(FreezeInput, async (input) => {
      await this.dispatch({ type: 'freeze', ...input })
      return this.view(input.zone)
    }),
  }

  private readonly env: Env
  private readonly source = createDocumentSource(() => this.env)
  private readonly open = createProviderSource(() => this.env)
  private readonly check = createChecker(this.source)

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx)
    this.env = env
  }

  protected async begin(): Promise<ZoneEvent> {
    return { type: 'start' }
  }

  /** All that is stored is the state. */
  protected write(): void {}

  protected async run(): Promise<undefined> {
    return undefined
  }

  /** Every effect reaches out of this object: nobody waits for any of them. */
  protected override reach(effect: ZoneEffect): Promise<ZoneEvent | undefined> {
    switch (effect.type) {
      case 'survey': {
        const { serial } = effect
        return this.survey(effect).catch((error: unknown): ZoneEvent => {
          return { type: 'failed', serial, failure: mistake(error) }
        })
      }
      case 'apply': {
        const { serial, changes } = effect
        return this.apply(effect).catch((error: unknown): ZoneEvent => {
          const unknown = { outcome: 'unknown', failure: mistake(error) } as const
          return { type: 'applied', serial, results: changes.map(() => unknown) }
        })
      }
      case 'tell':
        return this.tell(effect)
      case 'check':
        return this.check(effect)
    }
  }

  private async survey({ serial, zone, cause, also }: EffectOf<'survey'>): Promise<ZoneEvent> {
    const read = await this.source.read()
    if (!read.ok) return { type: 'failed', serial, failure: away(read.why) }
    const nowMs = Date.now()
    const wish = toWish(read.document, zone, nowMs)
    if (cause === 'change' && !isMoved(this.log, wish, nowMs)) {
      return { type: 'unmoved', serial, generation: wish.generation }
    }
    const surveyed = await survey(wish, also, this.open(read.document.config.dns, zone))
    if (!surveyed.ok) return { type: 'failed', serial, failure: surveyed.failure, wish }
    const { actual } = surveyed.survey
    if (Date.now() - nowMs <= SWIFT_MS) return { type: 'surveyed', serial, ...wish, actual }
    // What is wanted may be something else by now.
    const again = await this.source.read()
    if (!again.ok) return { type: 'failed', serial, failure: away(again.why) }
    const later = toWish(again.document, zone, Date.now())
    if (hasSameKeys(later, wish)) return { type: 'surveyed', serial, ...later, actual }
    const why = 'the configuration changed while what stands was read'
    return { type: 'failed', serial, failure: away(why), wish: later }
  }

  private async apply({ serial, zone, changes }: EffectOf<'apply'>): Promise<ZoneEvent> {
    const read = await this.source.read()
    if (!read.ok) {
      const failed = { outcome: 'failed', failure: away(read.why) } as const
      return { type: 'applied', serial, results: changes.map(() => failed) }
    }
    const results = await applyChanges(changes, this.open(read.document.config.dns, zone))
    return { type: 'applied', serial, results }
  }

  private async tell({ zone, items }: EffectOf<'tell'>): Promise<ZoneEvent> {
    const control = createControlClient(this.env, TELL_TIMEOUT_MS)
    const told = await control.call('zoneNews', { zone: toZoneId(zone), items: [...items] })
    if (told.ok) return { type: 'heard', upTo: told.value.upTo }
    return { type: 'unheard', upTo: items.at(-1)?.sequence ?? 0 }
  }

  private view(zone: ZoneName): ZoneView {
    const view = toZoneView(this.log, Date.now())
    return view ?? { ...zone, run: 'idle', generation: 0, failures: 0, records: [] }
  }

  /** Says what a run would do now. Nothing of it is stored, and nothing is changed. */
  private async rehearse(zone: ZoneName): Promise<RunReport> {
    const read = await this.source.read()
    const surveyed = read.ok
      ? await survey(
          toWish(read.document, zone, Date.now()),
          [],
          this.open(read.document.config.dns, zone),
        )
      : ({ ok: false, failure: away(read.why) } as const)
    if (!surveyed.ok) {
      return { outcome: 'failed', changes: [], held: [], failure: surveyed.failure }
    }
    const { changes, held } = previewRun(this.log, surveyed.survey, Date.now())
    return { outcome: 'done', changes, held }
  }

  private async reconcile(zone: ZoneName): Promise<RunReport> {
    const before = this.log
    await this.dispatch({ type: 'ask', zone, cause: 'operator' })
    for (let waitedMs = 0; waitedMs < WAIT.mostMs && this.isBusy(); waitedMs += WAIT.pollMs) {
      await scheduler.wait(WAIT.pollMs)
    }
    return toRunReport(before, this.log, this.isBusy() ? 'busy' : 'idle')
  }

  private isBusy(): boolean {
    return this.log.run !== null || this.log.asked?.cause === 'operator'
  }
}

/** A mistake of this project is told as what it kept from happening; otherwise nobody would hear of it. */
function mistake(error: unknown): DnsFailure {
  console.error('a run of a zone failed', error)
  const detail = error instanceof Error ? error.message : String(error)
  return { kind: 'garbled', detail: clip(`the router made a mistake: ${detail}`, 1024) }
}

function away(detail: string): DnsFailure {
  return { kind: 'unavailable', detail }
}
