import { isDeepStrictEqual } from 'node:util'
import type * as z from 'zod'
import { Failback, HoldDown, Ramp } from '../../../src/schema/ramp.ts'
import type { Measure } from '../../../src/schema/report.ts'
import { isMeasureDue, rampWakeAtMs, startRamp, stepRamp } from '../../../src/state/ramp/ramp.ts'
import {
  percentOf,
  type RampEvent,
  RampState,
  waitMsOf,
  windowSinceMs,
} from '../../../src/state/ramp/state.ts'
import { toRampView } from '../../../src/state/ramp/view.ts'

/** The settings of a ramp as an operator writes them. */
export interface Authored {
  readonly ramp?: z.input<typeof Ramp> | undefined
  readonly holdDown?: z.input<typeof HoldDown> | undefined
  readonly failback?: z.input<typeof Failback> | undefined
  readonly use?: RampState['use']
}

export const START = 1_800_000_000_000

/** A ramp that has just begun. */
export function rampOf({ ramp, holdDown, failback, use = 'recovery' }: Authored = {}): RampState {
  const settings = {
    ramp: Ramp.parse(ramp ?? {}),
    holdDown: HoldDown.parse(holdDown ?? {}),
    failback: Failback.parse(failback ?? {}),
  }
  const subject = { type: 'pool', id: 'us' } as const
  return startRamp({ id: 'pool:us', use, subject, startedBy: 'health', settings }, START)
}

/** So many requests, of which a share failed, all as slow. */
export function measureOf(requests: number, failed = 0, latencyBucket = 20): Measure {
  const failures = Math.round(requests * failed)
  const latencies = requests > 0 ? { [latencyBucket]: requests } : {}
  return { requests, failures, errors: 0, latencies }
}

/** How many requests a second pass and how well they do; peers do well. */
export interface Traffic {
  readonly perSecond: number
  readonly failed: number
}

/** Every so many dispatches the state is stored and read again. */
const SAMPLED = 8

/**
 * A ramp with what surrounds it: a clock that may jump, an alarm, measurements that come late or twice. What
 * must hold at every step throws here.
 */
export class World {
  state: RampState
  nowMs = START
  /** Time as it really passed, and how often the clock jumped, since the ramp stands where it stands. */
  private stoodMs = 0
  private jumps = 0
  private dispatched = 0
  private traffic: Traffic = { perSecond: 10, failed: 0 }
  /** Measurements that were asked for and may come again, late. */
  private readonly sent: RampEvent[] = []

  constructor(authored: Authored) {
    this.state = rampOf(authored)
  }

  dispatch(event: RampEvent): void {
    const before = Object.freeze(this.state)
    const after = stepRamp(before, event, this.nowMs)
    this.dispatched += 1
    const hasMoved = after.at !== before.at || after.phase !== before.phase
    // Of the many looks that change nothing, some are enough.
    if (hasMoved || this.dispatched % SAMPLED === 0) this.checkStored(before, event, after)
    this.check(before, event, after)
    if (hasMoved || after.sinceMs > before.sinceMs) {
      this.stoodMs = 0
      this.jumps = 0
    }
    this.state = after
  }

  /** So many times what it waits for now passes: whatever is due happens on the way. */
  pass(times: number): void {
    for (let left = Math.max(1000, waitMsOf(this.state) * times); left > 0;) {
      const wakeAtMs = rampWakeAtMs(this.state)
      const stride = Math.min(
        left,
        wakeAtMs === undefined ? left : Math.max(1, wakeAtMs - this.nowMs),
      )
      left -= stride
      this.nowMs += stride
      this.stoodMs += stride
      this.tick()
    }
  }

  /** The clock jumps; the watchdog looks at the ramp within a minute all the same. */
  jump(ms: number): void {
    this.nowMs += ms
    this.jumps += 1
    this.dispatch({ type: 'wake' })
  }

  turn(traffic: Traffic): void {
    this.traffic = traffic
  }

  /** A measurement of the past comes again. */
  repeat(back: number): void {
    const event = this.sent.at(-1 - back)
    if (event === undefined) return
    const isOld = event.type === 'measured' && event.sinceMs !== windowSinceMs(this.state)
    const expected = isOld ? stepRamp(this.state, { type: 'wake' }, this.nowMs) : undefined
    this.dispatch(event)
    if (expected && !isDeepStrictEqual(expected, this.state)) {
      throw new Error('a late measurement changed something')
    }
  }

  private tick(): void {
    if (!isMeasureDue(this.state, this.nowMs)) return this.dispatch({ type: 'wake' })
    const { perSecond, failed } = this.traffic
    const requests = Math.floor((perSecond * this.stoodMs * this.state.percent) / 100_000)
    const event: RampEvent = {
      type: 'measured',
      sinceMs: windowSinceMs(this.state),
      subject: measureOf(requests, failed),
      peers: measureOf(requests * 4),
    }
    this.sent.push(event)
    this.dispatch(event)
  }

  private checkStored(before: RampState, event: RampEvent, after: RampState): void {
    const restored = RampState.parse(JSON.parse(JSON.stringify(before)))
    if (!isDeepStrictEqual(stepRamp(restored, event, this.nowMs), after)) {
      throw new Error('a state that was stored has another future')
    }
    if (toRampView(after, this.nowMs).why === '') throw new Error('a ramp does not say why')
  }

  private check(before: RampState, event: RampEvent, after: RampState): void {
    if (after.percent !== percentOf(after, after.at)) throw new Error('a percent between the steps')
    const isUp = after.at > before.at
    if (!isUp) return
    if (after.at - before.at > 1) throw new Error('a step was left out')
    if (event.type === 'promote' || before.at < 0) return
    this.checkStep(before, event)
  }

  private checkStep(before: RampState, event: RampEvent): void {
    if (before.phase !== 'stepping') throw new Error(`a step up from ${before.phase}`)
    // The most that a single jump may credit.
    const strideMs = Math.min(60_000, Math.max(500, waitMsOf(before) / 2))
    const creditMs = this.stoodMs + this.jumps * strideMs
    if (creditMs < waitMsOf(before)) throw new Error('a step up before the end of the dwell')
    const { gate, longestWait } = before.settings.ramp
    if (creditMs >= longestWait) return
    if (event.type !== 'measured') throw new Error(`a step up by ${event.type}`)
    const { requests, failures } = event.subject
    if (requests < gate.minSamples) throw new Error('a step up with too few requests')
    if (requests > 0 && 1 - failures / requests < gate.successRate - gate.successMargin) {
      throw new Error('a step up although it did badly')
    }
  }
}
