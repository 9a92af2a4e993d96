import type { SteerDecision } from '../core/decision.ts'
import type { PoolObservation } from '../core/observation.ts'
import type { CompiledOrigin, CompiledPool } from '../core/snapshot.ts'
import type { Criticality, Shedding } from '../schema/limit.ts'
import { bucketOf, LATENCY, quantileIn } from '../state/latency.ts'
import type { OutlierEvent } from '../state/outlier.ts'
import {
  initialShedding,
  NEAR,
  sheddingPercents,
  type SheddingState,
  type SheddingWindow,
  stepShedding,
} from '../state/shedding.ts'
import type { AttemptResult } from './ledger.ts'

/** What an isolate sees of a pool that sheds load by itself. Plain counters: every attempt moves them. */
export interface PoolLoad {
  readonly id: string
  readonly settings: Shedding
  /** The window that the counts belong to: `floor(nowMs / window)`. */
  part: number
  readonly counts: Counts
  readonly latencies: Uint32Array
  state: SheddingState
}

type Counts = { -readonly [Name in keyof Omit<SheddingWindow, 'p95Ms' | 'windows'>]: number }

/** One attempt at an origin of the pool that is over. */
export interface LoadResult {
  readonly event: OutlierEvent
  /** To the headers, where it says something of the origin. */
  readonly latencyMs: number | undefined
  /** `critical` also for a client that affinity keeps there: neither is given away. */
  readonly criticality: Criticality
}

/** So long an isolate goes on counting until it has seen enough to judge by. */
const LONGEST_WINDOWS = 12

/** Nothing seen of a pool yet. */
export function createPoolLoad(id: string, settings: Shedding): PoolLoad {
  return {
    id,
    settings,
    part: 0,
    counts: emptyCounts(),
    latencies: new Uint32Array(LATENCY.buckets),
    state: initialShedding,
  }
}

/** One for each pool that sheds; of those that shed as before, what was seen and is given away is kept. */
export function createLoads(
  pools: readonly CompiledPool[],
  previous?: ReadonlyMap<string, PoolLoad>,
): ReadonlyMap<string, PoolLoad> {
  const loads = new Map<string, PoolLoad>()
  for (const { id, shedding } of pools) {
    if (!shedding) continue
    const known = previous?.get(id)
    const isSame = known && JSON.stringify(known.settings) === JSON.stringify(shedding)
    loads.set(id, isSame ? known : createPoolLoad(id, shedding))
  }
  return loads
}

/** Where the loads of an isolate stand, and what follows from them for its decisions. */
interface Loads {
  readonly loads: ReadonlyMap<string, PoolLoad>
  readonly pools: Map<number, PoolObservation>
  readonly poolsById: ReadonlyMap<string, CompiledPool>
}

/** An attempt that is over, and the decision that led to it. */
export interface Ended {
  readonly origin: CompiledOrigin
  readonly decision: SteerDecision
  readonly result: Pick<AttemptResult, 'event' | 'latencyMs' | 'nowMs'>
}

/** Counts an attempt in the load of its pool, if that sheds. */
export function countLoad(ledger: Loads, { origin, decision, result }: Ended): void {
  const load = ledger.loads.get(origin.pool)
  if (!load) return
  const { event, latencyMs, nowMs } = result
  if (turnLoad(load, nowMs)) publish(ledger, load)
  const isKept = decision.affinity?.kept === origin
  const criticality = isKept ? 'critical' : decision.route.route.criticality
  noteLoad(load, { event, latencyMs, criticality })
}

/** What time alone does: a pool that nobody goes to any more takes back what was given away. */
export function turnLoads(ledger: Loads, nowMs: number): void {
  for (const load of ledger.loads.values()) {
    turnLoad(load, nowMs)
    // Whoever still had the ledger before this one may have turned it.
    publish(ledger, load)
  }
}

/** What is shed of which pools, by itself and by hand; nothing where nothing is. */
export function toSheddingStatus({ pools, poolsById }: Loads) {
  const shedding = [...poolsById.values()].flatMap(({ id, index, shed }) => {
    const own = pools.get(index)
    if (!own && !shed) return []
    return [{ pool: id, ...(own && { byItself: own }), ...(shed && { byHand: shed }) }]
  })
  return shedding.length === 0 ? {} : { shedding }
}

function publish({ pools, poolsById }: Loads, load: PoolLoad): void {
  const pool = poolsById.get(load.id)
  if (!pool) return
  const observation = observationOf(load)
  if (observation) pools.set(pool.index, observation)
  else pools.delete(pool.index)
}

/** Counts an attempt that is over. */
export function noteLoad({ settings, counts, latencies }: PoolLoad, result: LoadResult): void {
  const { event, latencyMs, criticality } = result
  counts.requests += 1
  if (event !== 'success') counts.failed += 1
  if (criticality === 'sheddable') counts.sheddable += 1
  else if (criticality === 'default') counts.plain += 1
  if (latencyMs === undefined) return
  const { p95Above = Infinity } = settings
  counts.timed += 1
  if (latencyMs > p95Above) counts.slow += 1
  if (latencyMs > p95Above * NEAR) counts.nearlySlow += 1
  const bucket = bucketOf(latencyMs)
  latencies[bucket] = (latencies[bucket] ?? 0) + 1
}

/**
 * Judges what was seen when a window has ended; of an isolate that sees few requests the window is longer, up to
 * `LONGEST_WINDOWS`. True when it was judged.
 */
export function turnLoad(load: PoolLoad, nowMs: number): boolean {
  const { settings, counts } = load
  const part = Math.floor(nowMs / settings.window)
  const passed = part - load.part
  if (passed === 0) return false
  const isFew = counts.requests > 0 && counts.requests < settings.minRequests
  if (isFew && passed > 0 && passed < LONGEST_WINDOWS) return false
  load.part = part
  const window = takeWindow(load)
  // A clock that jumps back has left the counts in a future that they do not belong to.
  if (passed < 0) return false
  // What was seen before a long sleep says nothing of now.
  const seen = passed > LONGEST_WINDOWS ? takeWindow(load) : window
  load.state = stepShedding(load.state, { ...seen, windows: passed }, settings)
  return true
}

/** What is given away of a pool now; undefined when nothing is. */
export function observationOf({ state, settings }: PoolLoad): PoolObservation | undefined {
  if (state.givenPercent === 0) return undefined
  return { ...sheddingPercents(state, settings), why: state.why }
}

function takeWindow({ counts, latencies }: PoolLoad): Omit<SheddingWindow, 'windows'> {
  const window = { ...counts, p95Ms: quantileIn(latencies, 0.95) }
  Object.assign(counts, emptyCounts())
  latencies.fill(0)
  return window
}

function emptyCounts(): Counts {
  return { requests: 0, failed: 0, timed: 0, slow: 0, nearlySlow: 0, sheddable: 0, plain: 0 }
}
