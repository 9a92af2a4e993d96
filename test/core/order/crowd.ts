import type { Draw, Group, Load, Order } from '../../../src/core/order/order.ts'
import { chanceNumber, drawOf } from './builders.ts'

/** Isolates that send requests to the members of one group, each knowing of the others what it last heard. */
export interface Crowd {
  readonly isolates: number
  readonly group: Group
  readonly order: Order
  /** Under way in all, per unit of weight. */
  readonly perWeight: number
  /** How long a request lasts on average. */
  readonly lastsS: number
  /** How many times as long with some members. */
  readonly slowness?: readonly number[]
  /** Each isolate reports and hears in a rhythm of its own between these. */
  readonly everyS: readonly [least: number, most: number]
  readonly seconds: number
}

const STEPS_PER_S = 25

/**
 * The highest load of any member ÷ the mean, by weight, in each second of the second half. Loads of an isolate are its
 * own, exactly, and of the others what all of them had said when it last reported.
 */
export function crowdPeaks(crowd: Crowd): number[] {
  const { group, seconds } = crowd
  const world = new CrowdWorld(crowd)
  const peaks: number[] = []
  for (let step = 0; step < seconds * STEPS_PER_S; step += 1) {
    world.step(step)
    const isSeen = step % STEPS_PER_S === 0 && step * 2 >= seconds * STEPS_PER_S
    if (isSeen) peaks.push(peakOf(world.real, group))
  }
  return peaks
}

function peakOf(real: Float64Array, { weights }: Group): number {
  const mean = sum(real) / sum(weights)
  return Math.max(...Array.from(real, (load, member) => load / (weights[member] ?? 0) / mean))
}

function sum(list: ArrayLike<number>): number {
  return Array.from(list).reduce((left, right) => left + right, 0)
}

class CrowdWorld {
  readonly real: Float64Array
  readonly #crowd: Crowd
  readonly #size: number
  readonly #said: Float64Array
  /** By isolate and member. */
  readonly #own: Int32Array
  readonly #told: Int32Array
  readonly #others: Float64Array
  readonly #ends = new Map<number, number[]>()
  readonly #reports = new Map<number, number[]>()
  #drawn = 0

  constructor(crowd: Crowd) {
    const size = crowd.group.ids.length
    this.#crowd = crowd
    this.#size = size
    this.real = new Float64Array(size)
    this.#said = new Float64Array(size)
    this.#own = new Int32Array(size * crowd.isolates)
    this.#told = new Int32Array(size * crowd.isolates)
    this.#others = new Float64Array(size * crowd.isolates)
    for (let at = 0; at < crowd.isolates; at += 1) {
      this.#push(this.#reports, Math.floor(this.#chance() * this.#pauseOf(at)), at)
    }
  }

  step(now: number): void {
    for (const place of this.#take(this.#ends, now)) this.#move(place, -1)
    for (const isolate of this.#take(this.#reports, now)) this.#report(isolate, now)
    const { perWeight, lastsS, group } = this.#crowd
    const wanted = (perWeight * sum(group.weights)) / lastsS / STEPS_PER_S
    const begun = Math.floor(wanted + this.#chance())
    for (let count = 0; count < begun; count += 1) this.#begin(now)
  }

  #begin(now: number): void {
    const { isolates, group, order, lastsS, slowness } = this.#crowd
    const base = Math.floor(this.#chance() * isolates) * this.#size
    const draw: Draw = {
      ...DRAW,
      random: this.#chance(),
      load: (member) => this.#loadOf(base + member),
    }
    const [chosen = 0] = order(group, everyoneOf(group), draw)
    this.#move(base + chosen, 1)
    const lastingS = -Math.log(1 - this.#chance()) * lastsS * (slowness?.[chosen] ?? 1)
    this.#push(this.#ends, now + 1 + Math.floor(lastingS * STEPS_PER_S), base + chosen)
  }

  #loadOf(place: number): Load {
    const others = this.#others[place] ?? 0
    return { inFlight: (this.#own[place] ?? 0) + others, others, latencyMs: undefined }
  }

  #move(place: number, by: number): void {
    this.#own[place] = (this.#own[place] ?? 0) + by
    const member = place % this.#size
    this.real[member] = (this.real[member] ?? 0) + by
  }

  #report(isolate: number, now: number): void {
    for (let member = 0; member < this.#size; member += 1) {
      const place = isolate * this.#size + member
      const own = this.#own[place] ?? 0
      const said = (this.#said[member] ?? 0) + own - (this.#told[place] ?? 0)
      this.#said[member] = said
      this.#told[place] = own
      this.#others[place] = said - own
    }
    this.#push(this.#reports, now + this.#pauseOf(isolate), isolate)
  }

  #pauseOf(isolate: number): number {
    const [least, most] = this.#crowd.everyS
    return Math.round((least + chanceNumber(isolate) * (most - least)) * STEPS_PER_S)
  }

  #chance(): number {
    return chanceNumber((this.#drawn += 1))
  }

  #push(queue: Map<number, number[]>, at: number, item: number): void {
    const known = queue.get(at)
    if (known) known.push(item)
    else queue.set(at, [item])
  }

  #take(queue: Map<number, number[]>, at: number): readonly number[] {
    const items = queue.get(at) ?? []
    queue.delete(at)
    return items
  }
}

const DRAW = drawOf({ take: 1 })
const everyoneByGroup = new WeakMap<Group, readonly number[]>()

function everyoneOf(group: Group): readonly number[] {
  const known = everyoneByGroup.get(group) ?? group.ids.map((_, member) => member)
  everyoneByGroup.set(group, known)
  return known
}
