import { describe, expect, it } from 'vitest'
import {
  grantIsolate,
  initialIsolates,
  type Isolates,
  noteIsolate,
} from '../../../src/state/health/isolates.ts'
import { grantTo, leaseOf } from '../../../src/state/health/leases.ts'
import { Chance } from '../../sim/chance.ts'
import { passiveReportOf } from '../../support/health.ts'

const STEP_MS = 100
const STEPS_PER_REPORT = 20
const BEGAN_AT_MS = 1_800_000_000_000

/** Requests of ten seconds come to many isolates before one origin with a cap. */
interface Crowd {
  readonly isolates: number
  readonly cap: number
  /** How many would be under way if all could. */
  wanted(this: void, nowMs: number): number
  readonly forMs: number
  /** Whether isolates keep to what they are granted, and not to the total alone. */
  readonly isGranted?: boolean
}

interface Edge {
  own: number
  requests: number
  /** As last heard. */
  others: number
  granted: number | undefined
}

class World {
  readonly #chance = new Chance(7)
  readonly #crowd: Crowd
  readonly #edges: readonly Edge[]
  #object: Isolates = initialIsolates
  /** By step: how many were begun, and were under way in all. */
  readonly begun: number[] = []
  readonly underWay: number[] = []

  constructor(crowd: Crowd) {
    this.#crowd = crowd
    this.#edges = Array.from({ length: crowd.isolates }, () => {
      return { own: 0, requests: 0, others: 0, granted: undefined }
    })
    for (let step = 0; step * STEP_MS < crowd.forMs; step += 1) this.#pass(step)
  }

  #pass(step: number): void {
    const perStep = STEP_MS / 10_000
    for (const edge of this.#edges) {
      for (let each = edge.own; each > 0; each -= 1) {
        if (this.#chance.has(perStep)) edge.own -= 1
      }
    }
    const coming = this.#crowd.wanted(step * STEP_MS) * perStep
    let begun = 0
    for (let each = Math.floor(coming + this.#chance.draw()); each > 0; each -= 1) {
      if (this.#begin(this.#chance.pick(this.#edges))) begun += 1
    }
    this.begun.push(begun)
    for (const [at, edge] of this.#edges.entries()) {
      if ((step + at * 7) % STEPS_PER_REPORT === 0) this.#report(edge, `i-${at}`, step)
    }
    this.underWay.push(this.#edges.reduce((total, { own }) => total + own, 0))
  }

  #begin(edge: Edge): boolean {
    const { cap, isGranted = true } = this.#crowd
    const most = isGranted ? (edge.granted ?? Infinity) : Infinity
    if (edge.own + edge.others >= cap || edge.own >= most) return false
    edge.own += 1
    edge.requests += 1
    return true
  }

  #report(edge: Edge, isolate: string, sequence: number): void {
    const nowMs = BEGAN_AT_MS + sequence * STEP_MS
    const { own: inFlight, requests } = edge
    const { cap: maxConnections } = this.#crowd
    const report = passiveReportOf({ isolate, sequence, inFlight, requests, maxConnections })
    const noted = noteIsolate(this.#object, report, { windowMs: 30_000, nowMs })
    this.#object = grantIsolate(noted, isolate, grantTo(noted, report, nowMs))
    const { connections, granted } = leaseOf(this.#object, report, nowMs)
    edge.requests = 0
    edge.others = connections - inFlight
    edge.granted = granted
  }
}

function meanOfSecondHalf({ underWay }: World): number {
  const half = underWay.slice(underWay.length / 2)
  return half.reduce((left, right) => left + right, 0) / half.length
}

/** The most that were begun in the time between two reports. */
function rushOf({ begun }: World): number {
  const sums = begun.map((_, at) =>
    begun.slice(at, at + STEPS_PER_REPORT).reduce((left, right) => left + right, 0),
  )
  return Math.max(...sums)
}

/** Twice as many as may, after a minute in which they come bit by bit. */
const growing = (cap: number) => (nowMs: number) => Math.min(2, nowMs / 30_000) * cap

const rushing = (nowMs: number) => (nowMs < 10_000 ? 100 : 5000)

describe('the cap of an origin', () => {
  it.each([
    { isolates: 1, cap: 100, used: 0.95 },
    { isolates: 20, cap: 200, used: 0.85 },
    { isolates: 50, cap: 500, used: 0.85 },
    { isolates: 100, cap: 150, used: 0.65 },
  ])('of $cap is never passed and well used by $isolates isolates', ({ isolates, cap, used }) => {
    const world = new World({ isolates, cap, wanted: growing(cap), forMs: 120_000 })
    expect(Math.max(...world.underWay)).toBeLessThanOrEqual(cap)
    expect(meanOfSecondHalf(world)).toBeGreaterThan(cap * used)
  })

  it('would be passed again and again by isolates that only know the total', () => {
    const cap = 500
    const wanted = () => cap * 10
    const crowd = { isolates: 50, cap, wanted, forMs: 60_000 }
    const settled = (world: World) => Math.max(...world.underWay.slice(300))
    expect(settled(new World({ ...crowd, isGranted: false }))).toBeGreaterThan(cap * 1.05)
    expect(settled(new World(crowd))).toBeLessThanOrEqual(cap)
  })

  it('is passed in a rush by no more than begins between two reports', () => {
    const cap = 500
    const world = new World({ isolates: 50, cap, wanted: rushing, forMs: 60_000 })
    const most = Math.max(...world.underWay)
    expect(most).toBeGreaterThan(cap)
    expect(most).toBeLessThanOrEqual(cap + rushOf(world))
    // And it holds again when those have ended.
    expect(Math.max(...world.underWay.slice(400))).toBeLessThanOrEqual(cap)
  })
})
