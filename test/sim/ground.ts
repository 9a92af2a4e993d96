import { Chance } from './chance.ts'
import { Queue } from './queue.ts'

/** The moment at which every world begins: midnight of a Friday, UTC. */
export const START_MS = 1_800_000_000_000

/** How well messages travel. Shares of all messages. */
export interface Weather {
  readonly lost: number
  readonly late: number
  readonly doubled: number
}

/** Nothing is lost; everything takes its usual time. */
export const CALM: Weather = { lost: 0, late: 0, doubled: 0 }

/** Nobody of one side reaches anybody of the other: names, or what they begin with. */
export type Cut = readonly [one: string, other: string]

/** One call from an object to another. */
export interface Call<Answer> {
  readonly from: string
  readonly to: string
  readonly timeoutMs: number
  /** Runs where the call arrives: once, twice or never. */
  readonly act: () => Answer
  /** What the caller learns, once; `undefined` when nothing came back in time. */
  readonly done?: (answer: { readonly value: Answer } | undefined) => void
}

/** A world's time, its chance, and the ways between its objects. */
export class Ground {
  nowMs = START_MS
  weather: Weather = CALM
  readonly cuts = new Set<Cut>()
  readonly chance: Chance
  private readonly queue = new Queue()
  /** Things that happened, for who looks at a failure. */
  readonly story: string[] = []
  happened = 0
  /** Whether a process has ended in the middle of something since this was last asked. */
  hasEnded = false

  constructor(seed: number) {
    this.chance = new Chance(seed)
  }

  later(ms: number, act: () => void): void {
    this.queue.push(this.nowMs + ms, act)
  }

  tell(line: string): void {
    this.story.push(`${((this.nowMs - START_MS) / 1000).toFixed(3)} ${line}`)
  }

  /** Lets everything happen until a moment. */
  runUntil(untilMs: number): void {
    while (this.queue.nextMs <= untilMs) {
      const next = this.queue.pop()
      if (next === undefined) break
      this.nowMs = Math.max(this.nowMs, next.atMs)
      this.happened += 1
      if (this.happened > 400_000) throw new Error('it never comes to rest')
      next.act()
    }
    this.nowMs = untilMs
  }

  isCut(from: string, to: string): boolean {
    for (const [one, other] of this.cuts) {
      if (from.startsWith(one) && to.startsWith(other)) return true
      if (from.startsWith(other) && to.startsWith(one)) return true
    }
    return false
  }

  call<Answer>({ from, to, timeoutMs, act, done }: Call<Answer>): void {
    const { chance, weather } = this
    let isSettled = false
    const settle = (answer: { readonly value: Answer } | undefined) => {
      if (isSettled) return
      isSettled = true
      done?.(answer)
    }
    if (done) this.later(timeoutMs, () => settle(undefined))
    const arrive = () => {
      if (this.isCut(from, to)) return
      this.hasEnded = false
      const value = act()
      // Who ended in the middle of it gives no answer.
      if (this.hasEnded) return
      // The way back is as bad as the way there.
      if (!chance.has(weather.lost)) this.later(this.travelMs(), () => settle({ value }))
    }
    if (!chance.has(weather.lost)) this.later(this.travelMs(), arrive)
    if (chance.has(weather.doubled)) this.later(this.travelMs() * 2, arrive)
  }

  private travelMs(): number {
    const { chance, weather } = this
    return chance.has(weather.late) ? chance.between(100, 6000) : chance.between(5, 80)
  }
}
