import { type ProbePlan, type ProberName, toProberName } from '../../src/schema/probe-plan.ts'
import type { HealthReport, Measure } from '../../src/schema/report.ts'
import {
  SNAPSHOT_FORMAT,
  type SnapshotDocument,
  type SnapshotNews,
} from '../../src/schema/snapshot.ts'
import type { ControlEffect, ControlEvent } from '../../src/state/control/event.ts'
import type { ControlState } from '../../src/state/control/state.ts'
import { control } from '../../src/state/control/control.ts'
import { add } from '../../src/state/latency.ts'
import { toProbePlan, toProbers } from '../../src/state/prober/plan.ts'
import type { Entry } from '../../src/state/revision/revision.ts'
import { withAuthoredWeights } from '../../src/state/traffic/authored.ts'
import type { Ground } from './ground.ts'
import { Life, type Stepped } from './life.ts'
import type { ControlPeer, Peers } from './peers.ts'
import { type Draft, draftOf, readDraft } from './setting.ts'

type EffectOf<Type> = Extract<ControlEffect, { type: Type }>

/** A step of the control object. */
export type ControlStepped = Stepped<ControlState, ControlEvent, ControlEffect>

/** Who looks at what the control object does, and takes what it sends to operators. */
export interface ControlWatch {
  stepped(stepped: ControlStepped): void
  /** Whether the receiver took it; one that it has taken may come again. */
  delivered(message: string): boolean
}

/** The control object, as `durable/control.ts` and its facets carry it out. */
export class ControlLife
  extends Life<ControlState, ControlEvent, ControlEffect>
  implements ControlPeer
{
  private readonly rows = new Map<number, string>()
  private readonly peers: Peers
  private readonly watch: ControlWatch

  constructor(peers: Peers, watch: ControlWatch, ground: Ground) {
    super('control', control, ground)
    this.peers = peers
    this.watch = watch
  }

  heardOf(report: HealthReport): void {
    this.dispatch({ type: 'health', report })
  }

  planOf(name: ProberName, revision: number): ProbePlan | null {
    const { current } = this.state.log
    if (current === 0 || revision === current) return null
    return toProbePlan(this.current().config, current, name)
  }

  newsAfter({ after, form }: { after: number; form: string }): SnapshotNews | null {
    this.wakeUp()
    if (this.state.log.generation <= after || this.state.log.current === 0) return null
    const document = this.document()
    if (document.form !== form) return document
    const { config: _, ...update } = document
    return update
  }

  /** What the cron does: the store is compared, and the probers are roused. */
  watchOver(): void {
    const standing = this.peers.store.read()
    const { revision = 0, generation = 0 } = standing ?? {}
    this.dispatch({ type: 'watch', standing: { revision, generation } })
    const { current } = this.state.log
    if (current === 0) return
    const probers = toProbers(this.current().config)
    this.act({ type: 'rouse', revision: current, probers })
  }

  /** The configuration in force. */
  current(): Draft {
    return readDraft(this.rows.get(this.state.log.current) ?? '{}')
  }

  authoredOf(revision: number): object | undefined {
    const text = this.rows.get(revision)
    return text === undefined ? undefined : (JSON.parse(text) as object)
  }

  protected begin(): ControlEvent {
    const { current } = this.state.log
    if (current === 0) return { type: 'start' }
    const { form, config } = this.current()
    return { type: 'start', form, config }
  }

  protected override write(effect: ControlEffect): void {
    if (effect.type === 'store') this.rows.set(effect.revision, effect.entry.text)
  }

  protected override observe(stepped: ControlStepped): void {
    this.watch.stepped(stepped)
  }

  protected act(effect: ControlEffect): void {
    switch (effect.type) {
      case 'publish':
        return this.publish()
      case 'measure':
        return this.measure(effect)
      case 'rouse':
        return this.rouse(effect)
      case 'land':
        return this.landShift(effect)
      case 'revert':
        return this.revert(effect)
      case 'deliver':
        return this.deliver(effect)
      case 'store':
      case 'prune':
      case 'answer':
      case 'told':
      case 'audit':
      case 'keyring':
      case 'poke':
      case 'purged':
        return undefined
    }
  }

  private document(): SnapshotDocument {
    const { log, conditions } = this.state
    const { current: revision, generation, generatedAtMs: publishedAtMs } = log
    const { form, config } = this.current()
    return {
      format: SNAPSHOT_FORMAT,
      revision,
      form,
      generation,
      publishedAtMs,
      config,
      conditions,
    }
  }

  private publish(): void {
    const { generation } = this.state.log
    const follow = this.followUp()
    const document = this.document()
    this.ground.call({
      from: this.name,
      to: 'kv',
      timeoutMs: 10_000,
      act: () => this.peers.store.write(document),
      done: (answer) => follow({ type: answer?.value ? 'published' : 'failed', generation }),
    })
  }

  private measure({ ramp, sinceMs, subject, peers }: EffectOf<'measure'>): void {
    const follow = this.followUp()
    const counts = new Map<string, Measure | undefined>()
    const all = [...new Set([...subject, ...peers])]
    const finish = () => {
      const own = subject.map((id) => counts.get(id))
      const others = peers.flatMap((id) => counts.get(id) ?? [])
      if (own.includes(undefined)) {
        follow({ type: 'unmeasured', ramp, why: 'an object did not answer' })
        return
      }
      const counted = { subject: sum(own.flatMap((each) => each ?? [])) }
      const beside = others.length > 0 ? { peers: sum(others) } : {}
      follow({ type: 'measured', ramp, sinceMs, ...counted, ...beside })
    }
    for (const id of all) {
      this.ground.call({
        from: this.name,
        to: `origin:${id}`,
        timeoutMs: 4000,
        act: () => this.peers.origin(id).measured(sinceMs),
        done: (answer) => {
          counts.set(id, answer?.value)
          if (counts.size === all.length) finish()
        },
      })
    }
  }

  private rouse({ revision, probers }: EffectOf<'rouse'>): void {
    for (const name of probers) {
      const to = `prober:${toProberName(name)}`
      const act = () => this.peers.prober(toProberName(name)).roused(name, revision)
      this.ground.call({ from: this.name, to, timeoutMs: 4000, act })
    }
  }

  private landShift({ ramp, route, weights, by }: EffectOf<'land'>): void {
    const follow = this.followUp()
    this.ground.later(this.ground.chance.between(0, 20), () => {
      const authored = withAuthoredWeights(JSON.parse(this.current().text), route, weights)
      if (authored === undefined) return
      const base = this.state.log.current
      follow({ type: 'land', ramp, entry: entryOf(authored, by), base })
    })
  }

  private revert({ id, from, to }: EffectOf<'revert'>): void {
    const follow = this.followUp()
    this.ground.later(this.ground.chance.between(0, 20), () => {
      const authored = this.authoredOf(to)
      const entry = authored && entryOf(authored, 'portolan')
      follow({ type: 'revert', id, from, to, entry })
    })
  }

  private deliver({ receiver, message }: EffectOf<'deliver'>): void {
    const follow = this.followUp()
    const { id } = message
    this.ground.call({
      from: this.name,
      to: 'receiver',
      timeoutMs: 10_000,
      act: () => this.watch.delivered(id),
      done: (answer) =>
        follow({
          type: 'tried',
          receiver,
          message: id,
          delivery: answer?.value
            ? { outcome: 'delivered' }
            : { outcome: 'failed', why: 'no answer', next: 'retry' },
        }),
    })
  }
}

/** A document as a revision. */
export function entryOf(authored: unknown, author = 'ada'): Entry {
  return { ...draftOf(authored), author, message: '' }
}

function sum(counts: readonly Measure[]): Measure {
  const nothing: Measure = { requests: 0, failures: 0, errors: 0, latencies: {} }
  return counts.reduce(
    (left, right) => ({
      requests: left.requests + right.requests,
      failures: left.failures + right.failures,
      errors: left.errors + right.errors,
      latencies: add(left.latencies, right.latencies),
    }),
    nothing,
  )
}
