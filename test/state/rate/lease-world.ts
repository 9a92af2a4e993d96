import type { Quota } from '../../../src/schema/limit.ts'
import { type Bucket, emptyBucket, leak } from '../../../src/state/rate/gcra.ts'
import { sayOf, spend } from '../../../src/state/rate/admission.ts'
import { miss, settle, toAsk } from '../../../src/state/rate/asks.ts'
import { type Lessee, type Lettings, NEW_LESSEE, turnAway } from '../../../src/state/rate/lessee.ts'
import { type Grant, lease } from '../../../src/state/rate/lessor.ts'
import { termsOf } from '../../../src/state/rate/terms.ts'
import { Chance } from '../../sim/chance.ts'

/** What goes wrong in a world, and how much there is to do. */
export interface WorldOptions {
  readonly quotas: readonly Quota[]
  readonly isolates: number
  /** Requests of the one client, per second over all isolates. */
  readonly perSecond: number
  readonly lastsMs: number
  /** One way. */
  readonly mostDelayMs: number
  /** Share of messages that are lost, in either direction. */
  readonly lossRate: number
  /** How often the object forgets everything. */
  readonly resets: number
  /** How far a clock may be off, and how much faster or slower than the true time it may go. */
  readonly skewMs: number
  readonly drift: number
}

/** What came of it. Times are true ones. */
export interface Outcome {
  readonly admitted: readonly number[]
  readonly refused: number
  /** Requests that nobody answered in time: the edge counts them by itself. */
  readonly missed: number
  readonly asks: number
  /** Requests that waited for an answer. */
  readonly awaited: number
}

/** As the edge has it. */
export const ASK_TIMEOUT_MS = 500
export const FLUSH_MS = { soon: 1000, now: 20 } as const

/** Runs isolates and the object of one key against each other, by one seed. */
export function runLeases(seed: number, options: WorldOptions): Outcome {
  return new LeaseWorld(seed, options).run()
}

interface Clock {
  readonly offsetMs: number
  readonly rate: number
}

interface Isolate {
  readonly clock: Clock
  lessee: Lessee
  /** Since when requests wait for the answer to another's question. */
  readonly waiting: number[]
  readonly flushing: { soon: boolean; now: boolean }
}

class LeaseWorld {
  private readonly chance: Chance
  private readonly options: WorldOptions
  private readonly lettings: Lettings
  private readonly isolates: readonly Isolate[]
  private readonly objectClock: Clock
  private readonly agenda: { readonly atMs: number; readonly run: () => void }[] = []
  private bucket: Bucket | undefined
  private nowMs = 0
  private readonly admitted: number[] = []
  private counts = { refused: 0, missed: 0, asks: 0, awaited: 0 }

  constructor(seed: number, options: WorldOptions) {
    this.chance = new Chance(seed)
    this.options = options
    this.lettings = { quotas: options.quotas, terms: termsOf(options.quotas) }
    this.objectClock = this.clock()
    this.isolates = Array.from({ length: options.isolates }, () => {
      return {
        clock: this.clock(),
        lessee: NEW_LESSEE,
        waiting: [],
        flushing: { soon: false, now: false },
      }
    })
  }

  run(): Outcome {
    const { lastsMs, perSecond, resets } = this.options
    const count = (lastsMs / 1000) * perSecond
    for (let at = 0; at < count; at += 1) {
      const isolate = this.chance.pick(this.isolates)
      this.at(this.chance.between(0, lastsMs), () => this.request(isolate))
    }
    for (let at = 0; at < resets; at += 1) {
      this.at(this.chance.between(0, lastsMs), () => (this.bucket = undefined))
    }
    for (let next = this.next(); next; next = this.next()) {
      this.nowMs = next.atMs
      next.run()
    }
    return { admitted: this.admitted, ...this.counts }
  }

  private request(isolate: Isolate): void {
    const say = sayOf(isolate.lessee, this.lettings, this.read(isolate.clock))
    if (say === 'wait') {
      isolate.lessee = turnAway(isolate.lessee)
      this.counts.refused += 1
    } else if (say === 'ask') this.wait(isolate)
    else this.admit(isolate, say)
  }

  private admit(isolate: Isolate, say: 'held' | 'ahead'): void {
    this.admitted.push(this.nowMs)
    const nowMs = this.read(isolate.clock)
    isolate.lessee = spend(isolate.lessee, this.lettings, { say, nowMs })
    const { urgency } = isolate.lessee
    if (urgency !== 'none') this.flush(isolate, urgency)
  }

  private flush(isolate: Isolate, urgency: 'soon' | 'now'): void {
    if (isolate.flushing[urgency]) return
    isolate.flushing[urgency] = true
    this.at(this.nowMs + FLUSH_MS[urgency], () => {
      isolate.flushing[urgency] = false
      const { urgency: left } = isolate.lessee
      if (left !== 'none') this.ask(isolate, left === 'now' ? 'more' : 'tell')
    })
  }

  /** Waits for one that asks already, or asks. */
  private wait(isolate: Isolate): void {
    if (isolate.lessee.wanted > 0) {
      isolate.waiting.push(this.nowMs)
      return
    }
    this.counts.awaited += 1
    this.ask(isolate, 'more', (isGranted) => {
      if (isGranted === undefined) this.counts.missed += 1
      else if (isGranted) this.admitted.push(this.nowMs)
      else this.counts.refused += 1
    })
  }

  /** Those who waited look again. */
  private wake(isolate: Isolate): void {
    const waiting = isolate.waiting.splice(0)
    for (const sinceMs of waiting) {
      if (this.nowMs - sinceMs < ASK_TIMEOUT_MS) this.request(isolate)
      else this.counts.missed += 1
    }
  }

  /** `then`: whether the request that waits was granted one, or undefined when nobody answered in time. */
  private ask(
    isolate: Isolate,
    purpose: 'tell' | 'more',
    then?: (isGranted: boolean | undefined) => void,
  ): void {
    const askedAtMs = this.read(isolate.clock)
    const [asking, ask] = toAsk(isolate.lessee, this.lettings, {
      nowMs: askedAtMs,
      purpose,
      waiting: isolate.waiting.length + (then ? 1 : 0),
    })
    isolate.lessee = asking
    this.counts.asks += 1
    let isOver = false
    const answer = (grant: Grant): void => {
      if (isOver) return
      isOver = true
      const taken = then && grant.granted > 0 ? 1 : 0
      const nowMs = this.read(isolate.clock)
      const answered = { ask, grant, taken, askedAtMs, nowMs } as const
      isolate.lessee = settle(isolate.lessee, this.lettings, answered)
      then?.(taken === 1)
      this.wake(isolate)
    }
    this.send(() => {
      const grant = this.grant(ask)
      this.send(() => answer(grant))
    })
    this.at(this.nowMs + ASK_TIMEOUT_MS, () => {
      if (isOver) return
      isOver = true
      isolate.lessee = miss(isolate.lessee, ask)
      then?.(undefined)
      this.wake(isolate)
    })
  }

  private grant(ask: Parameters<typeof lease>[2]): Grant {
    const { quotas } = this.options
    const nowMs = this.read(this.objectClock)
    const [next, grant] = lease(
      leak(this.bucket ?? emptyBucket(quotas, nowMs), quotas, nowMs),
      quotas,
      ask,
    )
    this.bucket = next
    return grant
  }

  private send(arrive: () => void): void {
    const { lossRate, mostDelayMs } = this.options
    if (this.chance.has(lossRate)) return
    this.at(this.nowMs + this.chance.between(0, mostDelayMs), arrive)
  }

  private clock(): Clock {
    const { skewMs, drift } = this.options
    return {
      offsetMs: 1_800_000_000_000 + this.chance.between(-skewMs, skewMs),
      rate: 1 + this.chance.between(-drift, drift),
    }
  }

  private read({ offsetMs, rate }: Clock): number {
    return Math.floor(offsetMs + this.nowMs * rate)
  }

  private at(atMs: number, run: () => void): void {
    const place = this.agenda.findLastIndex((each) => each.atMs <= atMs)
    this.agenda.splice(place + 1, 0, { atMs, run })
  }

  private next() {
    return this.agenda.shift()
  }
}
