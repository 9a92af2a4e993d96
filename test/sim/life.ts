import type { Machine, Wake } from '../../src/state/machine.ts'
import type { Ground } from './ground.ts'

/** What an invariant looks at: one step of one machine. */
export interface Stepped<State, Event, Effect> {
  readonly before: State
  readonly next: State
  readonly event: Event | Wake
  readonly effects: readonly Effect[]
  readonly nowMs: number
}

/**
 * One object, as the shell in `durable/machine.ts` runs it: its state is stored with each step, its alarm is kept
 * while it is away, its process may end between any two effects, and the next one begins with what was stored. Its
 * clock is its own.
 */
export abstract class Life<State extends object, Event, Effect> {
  readonly name: string
  state: State
  skewMs: number
  /** When the clock last jumped. */
  jumpedAtMs = -Infinity
  /** How many processes there were. */
  epoch = 0
  protected readonly ground: Ground
  private readonly machine: Machine<State, Event, Effect>
  private isLoaded = false
  private lives: number | undefined
  private armedAtMs: number | undefined
  private alarms = 0

  constructor(name: string, machine: Machine<State, Event, Effect>, ground: Ground) {
    this.name = name
    this.machine = machine
    this.ground = ground
    this.state = machine.initial
    this.skewMs = Math.round(ground.chance.between(-2000, 2000))
  }

  /** The time by its own clock. */
  get clockMs(): number {
    return Math.floor(this.ground.nowMs + this.skewMs)
  }

  jump(ms: number): void {
    this.skewMs += Math.round(ms)
    this.jumpedAtMs = this.ground.nowMs
  }

  /** The process ends. What it had under way is lost with it. */
  reset(): void {
    this.epoch += 1
    this.isLoaded = false
    this.lives = undefined
    this.state = this.stored()
  }

  /** The process will end when it has carried out so many more effects. */
  doom(lives: number): void {
    this.lives = lives
  }

  /** Nothing ends it any more. */
  spare(): void {
    this.lives = undefined
  }

  dispatch(event: Event | Wake): readonly Effect[] {
    this.wakeUp()
    // The process that was to take it may have ended while it began.
    return this.isLoaded ? this.step(event) : []
  }

  /** Whoever calls it finds a process that has begun. */
  protected wakeUp(): void {
    if (this.isLoaded) return
    this.isLoaded = true
    this.step(this.begin(this.armedAtMs ?? null))
  }

  /** An event of something that this process began: another process knows nothing of it. */
  protected followUp(): (event: Event) => void {
    const { epoch } = this
    return (event) => {
      if (this.epoch === epoch) this.dispatch(event)
    }
  }

  /** What a new process finds. `alarmAtMs`: the alarm that is set. */
  protected abstract begin(alarmAtMs: number | null): Event
  /** Carries an effect out. */
  protected abstract act(effect: Effect): void
  /** Rows that are written with the state. */
  protected write(_effect: Effect): void {}
  /** Looks at every step. */
  protected observe(_stepped: Stepped<State, Event, Effect>): void {}

  private step(event: Event | Wake): readonly Effect[] {
    const { state: before, clockMs: nowMs } = this
    const [next, effects] = this.machine.step(before, event, nowMs)
    this.state = next
    for (const effect of effects) this.write(effect)
    this.observe({ before, next, event, effects, nowMs })
    this.arm()
    for (const effect of effects) {
      if (this.lives === 0) {
        this.reset()
        this.ground.hasEnded = true
        break
      }
      if (this.lives !== undefined) this.lives -= 1
      this.act(effect)
    }
    return effects
  }

  private arm(): void {
    const wakeAtMs = this.machine.wakeAtMs(this.state)
    if (wakeAtMs === this.armedAtMs) return
    this.armedAtMs = wakeAtMs
    this.alarms += 1
    if (wakeAtMs === undefined) return
    const { alarms } = this
    const lateMs = this.ground.chance.between(1, 30)
    this.ground.later(Math.max(0, wakeAtMs - this.clockMs) + lateMs, () => {
      if (this.alarms !== alarms) return
      this.armedAtMs = undefined
      this.dispatch({ type: 'wake' })
    })
  }

  /** What another process finds; now and then by way of what is really stored. */
  private stored(): State {
    const { initial, schema, volatile = [] } = this.machine
    const lost = Object.fromEntries(volatile.map((name) => [name, initial[name]]))
    if (!this.ground.chance.has(0.1)) return { ...this.state, ...lost }
    const kept: unknown = JSON.parse(JSON.stringify({ ...this.state, ...lost }))
    return schema.parse({ ...(kept as object), ...lost })
  }
}
