import type { Turn } from '../core/decision.ts'
import type { Observations, PoolObservation } from '../core/observation.ts'
import { takeTurn } from '../core/order/round-robin.ts'
import type { CompiledOrigin, CompiledPool, Snapshot } from '../core/snapshot.ts'
import { isEjected, type OutlierEvent } from '../state/outlier.ts'
import {
  createRecord,
  noteEvent,
  noteLatency,
  noteRoutine,
  noteTrials,
  type OriginRecord,
  takeBack,
  turnRecord,
} from './origin-record.ts'
import { expireLease } from './lease.ts'
import { countedPools, heldPools } from './pool-sets.ts'
import { createLoads, type PoolLoad, turnLoads } from './shedding.ts'
import { count } from './tally.ts'
import { isTrialOf, type Trial } from './trial.ts'

/** Everything that this isolate has seen, aligned with the origins of one snapshot. */
export interface Ledger extends Observations {
  readonly form: string
  readonly origins: readonly OriginRecord[]
  readonly credits: Map<string, readonly number[]>
  readonly pools: Map<number, PoolObservation>
  /** Of the pools that shed load by themselves. */
  readonly loads: ReadonlyMap<string, PoolLoad>
  readonly poolsById: ReadonlyMap<string, CompiledPool>
  /** Pools whose requests in flight decide something: in these, clients that go away are noticed at once. */
  readonly countedPools: ReadonlySet<string>
  /** Those of them whose requests count until their answers have ended. */
  readonly heldPools: ReadonlySet<string>
  /** No attempt lasts longer, so none that is older is still in flight. */
  readonly longestAttemptMs: number
  turnedAtMs: number
}

/** What came of an attempt: how long it took to the headers, where there were any. */
export interface AttemptResult {
  readonly event: OutlierEvent
  /** Whether there was an answer at all, whatever it said. */
  readonly hasAnswered: boolean
  readonly latencyMs: number | undefined
  readonly nowMs: number
  /** What `openTrial` gave it when it began. */
  readonly trial?: Trial | undefined
}

/** A ledger for a snapshot; what was seen of origins that are still there is kept. */
export function createLedger(snapshot: Snapshot, previous?: Ledger): Ledger {
  const known = new Map(previous?.origins.map((record) => [record.id, record]))
  // Credits and pools stand by places, which another configuration may have moved.
  const same = previous && previous.form === snapshot.form ? previous : undefined
  const counted = same?.countedPools ?? countedPools(snapshot)
  const origins = snapshot.origins.map(({ id }) => known.get(id) ?? createRecord(id))
  for (const { index, pool, maxConnections } of snapshot.origins) {
    const record = origins[index]
    if (!record) continue
    record.isCounted = counted.has(pool)
    record.cap = maxConnections
  }
  return {
    form: snapshot.form,
    origins,
    credits: same?.credits ?? new Map<string, readonly number[]>(),
    pools: same?.pools ?? new Map<number, PoolObservation>(),
    loads: createLoads(snapshot.pools, previous?.loads),
    poolsById: new Map(snapshot.pools.map((pool) => [pool.id, pool])),
    countedPools: counted,
    heldPools: same?.heldPools ?? heldPools(counted, snapshot),
    longestAttemptMs: longestAttemptMs(snapshot),
    turnedAtMs: previous?.turnedAtMs ?? 0,
  }
}

function longestAttemptMs({ routes }: Snapshot): number {
  return routes.reduce((most, { route }) => Math.max(most, route.timeouts.firstByte), 1000)
}

/**
 * Takes note of what came of an attempt, and puts the origin aside if it was one failure too many: then it
 * answers with the record of the origin.
 */
export function noteResult(
  ledger: Ledger,
  origin: CompiledOrigin,
  { event: seen, hasAnswered, latencyMs, nowMs, trial }: AttemptResult,
): OriginRecord | undefined {
  const record = ledger.origins[origin.index]
  const pool = ledger.poolsById.get(origin.pool)
  if (record?.id !== origin.id || !pool) return undefined
  const { outlier: settings } = pool
  if (latencyMs !== undefined) noteLatency(record, latencyMs, nowMs)
  const isSlow = settings.slow !== undefined && latencyMs !== undefined && latencyMs > settings.slow
  const event = isSlow ? 'failure' : seen
  count(record.tally, event, latencyMs)
  // Nearly every request ends here.
  if (event === 'success' && noteRoutine(record, { settings, nowMs })) return undefined
  const mayEject = event !== 'success' && (!hasAnswered || canSpare(ledger, pool, nowMs))
  const isTrial = isTrialOf(trial, record)
  return noteEvent(record, event, { settings, nowMs, mayEject, isTrial }) ? record : undefined
}

/**
 * Of those that answer with errors or slowly at most half of a pool is put aside, but one at least: the others
 * would drown in what they carried. Those that do not answer at all carry nothing, and each request that still
 * tries them costs one of the retries that a dying pool needs; when nobody else is left, the decision takes
 * them as its last resort.
 */
function canSpare(ledger: Ledger, pool: CompiledPool, nowMs: number): boolean {
  const { outlier: settings, origins } = pool
  const most = Math.max(1, Math.floor(origins.length / 2))
  let ejected = 0
  for (const { index } of origins) {
    const record = ledger.origins[index]
    if (record && isEjected(record.outlier, { settings, nowMs })) ejected += 1
  }
  return ejected < most
}

/** Two snapshots, one after the other, and when the later one came. */
export interface Change {
  readonly before: Snapshot
  readonly after: Snapshot
  readonly nowMs: number
}

/**
 * Takes back, from trials too, origins that are no longer unhealthy, and those whose ramp has begun since: probes have found them
 * well, and the ramp guards their return, which waits for traffic from every isolate. An isolate that was idle,
 * or that slept through a short loss, hears of the ramp alone.
 */
export function takeBackRecovered(ledger: Ledger, { before, after, nowMs }: Change): void {
  for (const origin of after.origins) {
    const record = ledger.origins[origin.index]
    if (!record || record.trials === 0 || isIll(origin)) continue
    const earlier = before.origins.find(({ id }) => id === origin.id)
    if (!earlier) continue
    const one = placeOf(earlier, before)
    const other = placeOf(origin, after)
    if (isIll(earlier) || hasBegun(one, other)) takeBack(record, nowMs)
  }
}

function isIll({ standing }: CompiledOrigin): boolean {
  return standing?.type === 'unhealthy'
}

/** Where a recovery has brought an origin: by itself, and with its pool. */
interface Place {
  readonly sharePercent: number
  readonly attempt: string
}

function placeOf({ pool: id, sharePercent, attempt }: CompiledOrigin, { pools }: Snapshot): Place {
  const pool = pools.find((each) => each.id === id)
  return {
    sharePercent: (sharePercent * (pool?.sharePercent ?? 100)) / 100,
    attempt: `${pool?.attempt} ${attempt}`,
  }
}

/** Whether a ramp has begun, or begun anew while nobody looked. */
function hasBegun(before: Place, after: Place): boolean {
  const isOnItsWay = after.sharePercent > 0 && after.sharePercent < 100
  const isSameAttempt = before.sharePercent > 0 && before.attempt === after.attempt
  return isOnItsWay && !isSameAttempt
}

/** Moves the credits of the round-robin groups that gave a turn. */
export function takeTurns(ledger: Ledger, turns: readonly Turn[]): void {
  for (const each of turns) {
    const { id } = each.group
    ledger.credits.set(id, takeTurn(each, ledger.credits.get(id) ?? []))
  }
}

/** What time alone does: forgets starts that never finished, and ejections of a clock that has jumped back. */
export function tidyLedger(ledger: Ledger, nowMs: number): void {
  const isDue = Math.abs(nowMs - ledger.turnedAtMs) >= ledger.longestAttemptMs
  if (isDue) ledger.turnedAtMs = nowMs
  if (ledger.loads.size > 0) turnLoads(ledger, nowMs)
  for (const pool of ledger.poolsById.values()) {
    for (const { index } of pool.origins) {
      const record = ledger.origins[index]
      if (!record) continue
      if (isDue) turnRecord(record)
      expireLease(record, nowMs)
      const { outlier: settings } = pool
      if (!isEjected(record.outlier, { settings, nowMs })) record.ejectedUntilMs = 0
      noteTrials(record, settings)
    }
  }
}
