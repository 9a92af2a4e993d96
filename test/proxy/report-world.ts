import { vi } from 'vitest'
import { createLedger, noteResult } from '../../src/proxy/ledger.ts'
import { closeAttempt, openAttempt } from '../../src/proxy/origin-record.ts'
import { watchedPools } from '../../src/proxy/pool-sets.ts'
import {
  createReports,
  type Look,
  type Post,
  report,
  type Reports,
} from '../../src/proxy/reports.ts'
import type { PassiveReport } from '../../src/schema/report.ts'
import type { OutlierEvent } from '../../src/state/outlier.ts'
import type { Lease } from '../../src/state/health/leases.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS } from './builders.ts'

/** A report, and how long after the start it was sent. */
export interface Sent {
  readonly atMs: number
  readonly origin: string
  readonly report: PassiveReport
}

/** An isolate that sees traffic and reports it, in a time of its own. */
export interface World {
  readonly reports: Reports
  readonly sent: Sent[]
  readonly look: Look
  readonly post: Post
  /** What every call answers: how long to wait, or `undefined` for no answer. */
  askedMs: number | undefined
  /** What every call answers of connections. */
  lease: Lease
  /** Called whenever time has passed. */
  meanwhile: (atMs: number) => void
  see(origin: string, event?: OutlierEvent, latencyMs?: number): boolean
  run(): Promise<void>
}

/** A world whose time passes only while something is waited for. */
export function worldOf(ids: readonly string[], share = 100, pool: Difference['pool'] = {}): World {
  const snapshot = snapshotOf(configOf({ origins: ids, pool }), {
    pools: { main: { sharePercent: share } },
  })
  const ledger = createLedger(snapshot)
  const reports = createReports()
  const sights = { snapshot, ledger, watchedPools: watchedPools(snapshot) }
  const world: World = {
    reports,
    sent: [],
    look: () => sights,
    askedMs: 2000,
    lease: { connections: 0, leaseMs: 30_000 },
    meanwhile: () => undefined,
    post: async (origin, said) => {
      world.sent.push({ atMs: Date.now() - NOW_MS, origin, report: said })
      const { askedMs } = world
      return askedMs === undefined ? undefined : { ...world.lease, reportAfterMs: askedMs }
    },
    see(id, event = 'success', latencyMs = 10) {
      const origin = snapshot.origins.find((each) => each.id === id)
      const record = origin && ledger.origins[origin.index]
      if (!record) throw new Error(id)
      closeAttempt(openAttempt(record))
      const result = { event, hasAnswered: true, latencyMs, nowMs: Date.now() }
      return noteResult(ledger, origin, result) !== undefined
    },
    run: () => report(reports, world.look, world.post),
  }
  vi.stubGlobal('scheduler', {
    wait: async (ms: number) => {
      vi.setSystemTime(Date.now() + ms)
      world.meanwhile(Date.now() - NOW_MS)
    },
  })
  return world
}
