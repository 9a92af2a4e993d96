import type { Measure } from '../../../src/schema/report.ts'
import { type RampEvent, type RampState, windowSinceMs } from '../../../src/state/ramp/state.ts'
import { toRampView } from '../../../src/state/ramp/view.ts'
import { rampWakeAtMs, stepRamp } from '../../../src/state/ramp/ramp.ts'
import { type Authored, measureOf, rampOf, START } from './world.ts'

export const MINUTE = 60_000

/** A ramp and the clock beside it. */
export class Bench {
  state: RampState
  nowMs = START

  constructor(authored: Authored = {}) {
    this.state = rampOf(authored)
  }

  /** Time passes in looks that are as close as the ramp asks for. */
  pass(ms: number): this {
    const untilMs = this.nowMs + ms
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, rampWakeAtMs(this.state) ?? untilMs)
      this.send({ type: 'wake' })
    }
    return this
  }

  send(event: RampEvent): this {
    this.state = stepRamp(this.state, event, this.nowMs)
    return this
  }

  measure(subject: Measure, peers: Measure | undefined = measureOf(1000)): this {
    return this.send({ type: 'measured', sinceMs: windowSinceMs(this.state), subject, peers })
  }

  /** Stands at a step for its dwell, and does well. */
  dwell(): this {
    return this.pass(5 * MINUTE).measure(measureOf(1000))
  }

  get place(): string {
    return `${this.state.phase} ${this.state.percent}`
  }

  get why(): string {
    return toRampView(this.state, this.nowMs).why
  }
}

/** A ramp that has just begun. */
export function bench(authored: Authored = {}): Bench {
  return new Bench(authored)
}
