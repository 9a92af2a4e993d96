import { type CachedRoutes, compileCachedRoutes } from '../cache/cached-route.ts'
import { createEngine, type Engine, toBounds } from '../cache/engine.ts'
import type { CompiledRoute, Snapshot } from '../core/snapshot.ts'
import {
  addRequests,
  countRequest,
  initialRetryBudget,
  isSameSecond,
  type RetryBudget,
  spendRetry,
} from '../state/retry-budget.ts'
import { createDurableMemory, type DurableMemory } from './affinity/durable-memory.ts'
import { type AffinityMemory, createAffinityMemory } from './affinity/memory.ts'
import { needsPlace } from './client-facts.ts'
import { type Forwarding, toForwarding } from './forwarding.ts'
import { createNumbering, type Numbering } from './identity.ts'
import { createLedger, type Ledger, takeBackRecovered, tidyLedger } from './ledger.ts'
import { createLimits, type Limits } from './limits/limits.ts'
import { createMirrorCounts, type MirrorCounts } from './mirror.ts'
import { watchedPools } from './pool-sets.ts'
import { createReports, type Reports } from './reports.ts'
import { createSource, type SnapshotSource } from './source.ts'

/** What follows from the snapshot of the moment, and what was seen since it came. */
export interface Standing {
  readonly snapshot: Snapshot
  readonly ledger: Ledger
  /** Whether any decision asks where a client is. */
  readonly needsPlace: boolean
  readonly forwarding: Forwarding
  /** Pools whose traffic is reported often. */
  readonly watchedPools: ReadonlySet<string>
  /** Routes with a cache. */
  readonly caches: CachedRoutes
}

/** The budget of a route, and the requests of the same second that it does not hold yet. */
interface RouteBudget {
  state: RetryBudget
  requests: number
}

/** Everything that changes in an isolate: made once, handed to whoever needs it. */
export interface Isolate {
  readonly source: SnapshotSource
  readonly limits: Limits
  readonly mirrors: MirrorCounts
  readonly numbering: Numbering
  readonly reports: Reports
  readonly affinity: AffinityMemory
  readonly durable: DurableMemory
  readonly cache: Engine
  /** By route. */
  readonly budgets: Map<string, RouteBudget>
  standing: Standing | undefined
  requests: number
  retries: number
  /** Retries that the budget did not allow. */
  retriesDenied: number
  refusals: number
  mistakes: number
}

/** An isolate that has seen nothing yet. */
export function createIsolate(): Isolate {
  return {
    source: createSource(),
    limits: createLimits(),
    mirrors: createMirrorCounts(),
    numbering: createNumbering(),
    reports: createReports(),
    affinity: createAffinityMemory(),
    durable: createDurableMemory(),
    cache: createEngine(),
    budgets: new Map(),
    standing: undefined,
    requests: 0,
    retries: 0,
    retriesDenied: 0,
    refusals: 0,
    mistakes: 0,
  }
}

/** What the isolate decides from now; what was seen is carried over to a newer snapshot. */
export function standingOf(isolate: Isolate, snapshot: Snapshot, nowMs: number): Standing {
  const { standing } = isolate
  if (standing?.snapshot === snapshot) return standing
  const ledger = createLedger(snapshot, standing?.ledger)
  if (standing) takeBackRecovered(ledger, { before: standing.snapshot, after: snapshot, nowMs })
  tidyLedger(ledger, nowMs)
  const isSameForm = standing?.snapshot.form === snapshot.form
  if (!isSameForm) {
    forgetRoutes(isolate, snapshot)
    isolate.cache.memory.bounds = toBounds(snapshot.settings.cache)
  }
  isolate.standing = {
    snapshot,
    ledger,
    needsPlace: isSameForm ? standing.needsPlace : needsPlace(snapshot),
    forwarding: toForwarding(snapshot.settings),
    watchedPools: watchedPools(snapshot),
    caches: isSameForm
      ? standing.caches
      : compileCachedRoutes(snapshot.base.routes, snapshot.settings.name),
  }
  return isolate.standing
}

function forgetRoutes({ budgets, cache }: Isolate, { routes }: Snapshot): void {
  const ids = new Set(routes.map(({ id }) => id))
  for (const id of budgets.keys()) if (!ids.has(id)) budgets.delete(id)
  for (const id of cache.counts.keys()) if (!ids.has(id)) cache.counts.delete(id)
}

/** Counts a request of a route, of which its retries are a share. */
export function countForBudget(isolate: Isolate, route: string, nowMs: number): void {
  const budget = budgetOf(isolate, route)
  if (isSameSecond(budget.state, nowMs)) budget.requests += 1
  else setBudget(budget, countRequest(settledBudget(budget), nowMs))
}

function budgetOf({ budgets }: Isolate, route: string): RouteBudget {
  const known = budgets.get(route)
  if (known) return known
  const budget = { state: initialRetryBudget, requests: 0 }
  budgets.set(route, budget)
  return budget
}

function settledBudget({ state, requests }: RouteBudget): RetryBudget {
  return addRequests(state, requests)
}

function setBudget(budget: RouteBudget, state: RetryBudget): void {
  budget.state = state
  budget.requests = 0
}

/** Takes one retry from the budget of a route; false when there is none left. */
export function takeRetry(
  isolate: Isolate,
  { id, route: { retry } }: CompiledRoute,
  nowMs: number,
): boolean {
  const budget = budgetOf(isolate, id)
  const spent = spendRetry(settledBudget(budget), retry, nowMs)
  if (spent === undefined) {
    isolate.retriesDenied += 1
    return false
  }
  isolate.retries += 1
  setBudget(budget, spent)
  return true
}
