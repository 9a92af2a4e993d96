import type { AuthoredConfig } from '../../src/schema/config.ts'
import { ControlLife, type ControlStepped, entryOf } from './control-life.ts'
import { type Colo, Edge } from './edge.ts'
import { EdgeLaws } from './edge-laws.ts'
import { EffectLaws } from './effect-laws.ts'
import { Ground } from './ground.ts'
import { OriginLife } from './origin-life.ts'
import type { Peers } from './peers.ts'
import { ProberLife } from './prober-life.ts'
import { RampLaws } from './ramp-laws.ts'
import { type Setting, settingOf } from './setting.ts'
import { LaggingStore } from './store.ts'
import { Truth } from './truth.ts'

/** How often an isolate has requests, and how many. */
const TRAFFIC = { everyMs: 1000, requests: 2 } as const

/** A whole deployment: every machine of ours, and around it all that is not ours. */
export class World implements Peers {
  readonly ground: Ground
  readonly setting: Setting
  readonly truth: Truth
  readonly store: LaggingStore
  readonly control: ControlLife
  readonly edges: readonly Edge[]
  readonly origins = new Map<string, OriginLife>()
  readonly probers = new Map<string, ProberLife>()
  readonly edgeLaws: EdgeLaws
  readonly effectLaws = new EffectLaws()
  /** Whether whoever is to be told of things answers. */
  isReceiverAway = false
  private readonly rampLaws: RampLaws

  constructor(seed: number) {
    const ground = new Ground(seed)
    this.ground = ground
    this.setting = settingOf(seed)
    this.truth = new Truth(ground)
    this.store = new LaggingStore(ground)
    this.edgeLaws = new EdgeLaws(ground, sharesOf(this.setting))
    this.rampLaws = new RampLaws(ground)
    const stepped = (step: ControlStepped) => {
      this.rampLaws.check(step, this.control)
      this.effectLaws.check(step)
    }
    const delivered = (message: string) => {
      if (this.isReceiverAway) return false
      this.effectLaws.take(message)
      return true
    }
    this.control = new ControlLife(this, { stepped, delivered }, ground)
    this.edges = this.makeEdges()
    this.begin()
  }

  origin(id: string): OriginLife {
    const known = this.origins.get(id) ?? new OriginLife(id, this, this.ground)
    this.origins.set(id, known)
    return known
  }

  prober(name: string): ProberLife {
    const known = this.probers.get(name) ?? new ProberLife(name, this, this.ground)
    this.probers.set(name, known)
    return known
  }

  put(authored: AuthoredConfig): void {
    this.control.dispatch({ type: 'put', entry: entryOf(authored) })
  }

  /** A new release: every process ends. */
  deploy(): void {
    for (const life of [this.control, ...this.edges]) life.reset()
    for (const life of [...this.origins.values(), ...this.probers.values()]) life.reset()
  }

  /** Every process that was about to end lives on. */
  spare(): void {
    const others = [...this.origins.values(), ...this.probers.values()]
    for (const life of [this.control, ...others]) life.spare()
  }

  private makeEdges(): Edge[] {
    const parts = { ground: this.ground, peers: this, watch: this.edgeLaws }
    const colos: readonly Colo[] = [0, 1].map(() => ({
      news: undefined,
      config: undefined,
      atMs: -Infinity,
    }))
    return Array.from({ length: this.setting.edges }, (_, at) => {
      const colo = colos[at % 2]
      if (colo === undefined) throw new Error('no data centre')
      return new Edge(`edge:${at}`, { ...parts, colo })
    })
  }

  private begin(): void {
    this.put(this.setting.base)
    for (const edge of this.edges) this.open(edge)
    this.ground.later(this.ground.chance.between(1000, 60_000), () => this.cron())
  }

  private open(edge: Edge): void {
    const { ground } = this
    const tick = () => {
      edge.tick(TRAFFIC.requests)
      ground.later(TRAFFIC.everyMs * ground.chance.between(0.8, 1.2), tick)
    }
    ground.later(ground.chance.between(0, TRAFFIC.everyMs), tick)
  }

  private cron(): void {
    this.control.watchOver()
    this.ground.later(60_000, () => this.cron())
  }
}

/** Every share that an origin or a pool of this setting may ever have. */
function sharesOf({ variants }: Setting): ReadonlySet<number> {
  const steps = variants.flatMap(({ ramps = {} }) =>
    Object.values(ramps).flatMap((ramp) => ramp.steps ?? []),
  )
  return new Set([0, 100, ...steps, ...steps.map((step) => 100 - step)])
}
