import {
  createPoolLoad,
  noteLoad,
  observationOf,
  type PoolLoad,
  turnLoad,
} from '../../../src/proxy/shedding.ts'
import type { Criticality, Shedding } from '../../../src/schema/limit.ts'
import { Chance } from '../../sim/chance.ts'

/** An origin as a queue: so many requests at a time, in the order in which they came, each for a while. */
export interface Plant {
  readonly workers: number
  /** The mean; drawn exponentially. */
  readonly serviceMs: number
  /** Whoever waits longer gives up; the origin does its work all the same, for nobody. */
  readonly patienceMs: number
}

/** What comes, and how it is answered. */
export interface Overload {
  readonly seed: number
  readonly plant: Plant
  /** Requests in a second at a moment, in milliseconds from the beginning. */
  readonly comes: (atMs: number) => number
  readonly lastsMs: number
  readonly isolates: number
  /** The rest is default. */
  readonly mix: { readonly critical: number; readonly sheddable: number }
  /** Undefined: nothing is ever given away. */
  readonly settings: Shedding | undefined
}

/** One second of it. */
export interface Second {
  comes: number
  /** Answered in time. */
  good: number
  goodCritical: number
  comesCritical: number
  shed: Record<Criticality, number>
  /** Of what comes, by the mean of the isolates. */
  givenPercent: number
}

interface Result {
  readonly isolate: number
  readonly latencyMs: number
  readonly isInTime: boolean
  readonly criticality: Criticality
}

/** Lives through an overload millisecond by millisecond, and tells every second of it. */
export function liveThrough(overload: Overload): readonly Second[] {
  const { plant, lastsMs, isolates, settings, comes } = overload
  const chance = new Chance(overload.seed)
  const loads = Array.from({ length: settings ? isolates : 0 }, () =>
    settings ? createPoolLoad('main', settings) : undefined,
  )
  const workers = Array.from({ length: plant.workers }, () => 0)
  const results = new Map<number, Result[]>()
  const seconds: Second[] = []
  for (let nowMs = 0; nowMs < lastsMs; nowMs += 1) {
    if (nowMs % 1000 === 0) seconds.push(emptySecond(loads))
    const second = seconds.at(-1) ?? emptySecond(loads)
    for (const load of loads) if (load) turnLoad(load, nowMs)
    for (const result of results.get(nowMs) ?? []) {
      take(result, second, loads[result.isolate])
    }
    results.delete(nowMs)
    for (let count = arrivals(comes(nowMs) / 1000, chance); count > 0; count -= 1) {
      const criticality = drawClass(overload, chance)
      const isolate = chance.whole(0, isolates - 1)
      second.comes += 1
      if (criticality === 'critical') second.comesCritical += 1
      if (isShed(loads[isolate], criticality, chance)) second.shed[criticality] += 1
      else {
        const latencyMs = serve(workers, { nowMs, plant, chance })
        const isInTime = latencyMs <= plant.patienceMs
        const seenMs = Math.max(1, Math.min(latencyMs, plant.patienceMs))
        const due = results.get(nowMs + seenMs) ?? []
        due.push({ isolate, latencyMs: seenMs, isInTime, criticality })
        results.set(nowMs + seenMs, due)
      }
    }
  }
  return seconds
}

function emptySecond(loads: readonly (PoolLoad | undefined)[]): Second {
  const given = loads.map((load) => load?.state.givenPercent ?? 0)
  const sum = given.reduce((total, each) => total + each, 0)
  return {
    comes: 0,
    good: 0,
    goodCritical: 0,
    comesCritical: 0,
    shed: { critical: 0, default: 0, sheddable: 0 },
    givenPercent: given.length === 0 ? 0 : sum / given.length,
  }
}

function take(result: Result, second: Second, load: PoolLoad | undefined): void {
  const { isInTime, latencyMs, criticality } = result
  if (isInTime) second.good += 1
  if (isInTime && criticality === 'critical') second.goodCritical += 1
  if (load) noteLoad(load, { event: isInTime ? 'success' : 'failure', latencyMs, criticality })
}

/** As the core does: each request is drawn anew, and critical ones never are. */
function isShed(load: PoolLoad | undefined, criticality: Criticality, chance: Chance): boolean {
  const seen = load && observationOf(load)
  const percent = criticality === 'sheddable' ? seen?.sheddablePercent : seen?.defaultPercent
  return criticality !== 'critical' && chance.draw() * 100 < (percent ?? 0)
}

interface Service {
  readonly nowMs: number
  readonly plant: Plant
  readonly chance: Chance
}

/** The next free worker takes it. How long until its answer, in whole milliseconds. */
function serve(workers: number[], { nowMs, plant, chance }: Service): number {
  let first = 0
  for (const [at, freeAtMs] of workers.entries()) {
    if (freeAtMs < (workers[first] ?? 0)) first = at
  }
  const startsMs = Math.max(nowMs, workers[first] ?? 0)
  const endsMs = startsMs - plant.serviceMs * Math.log(1 - chance.draw())
  workers[first] = endsMs
  return Math.round(endsMs - nowMs)
}

/** Poisson, by Knuth: few in a millisecond. */
function arrivals(mean: number, chance: Chance): number {
  const least = Math.exp(-mean)
  let count = 0
  for (let product = chance.draw(); product > least; product *= chance.draw()) count += 1
  return count
}

function drawClass({ mix }: Overload, chance: Chance): Criticality {
  const draw = chance.draw()
  if (draw < mix.critical) return 'critical'
  return draw < mix.critical + mix.sheddable ? 'sheddable' : 'default'
}
