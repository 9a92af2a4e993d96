import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import type { Health } from '../src/schema/health.ts'
import type { ProbeRegion } from '../src/schema/monitor.ts'
import type { Measure } from '../src/schema/report.ts'
import type { Passing } from '../src/state/health/traffic.ts'
import type { Lease } from '../src/state/health/leases.ts'
import { type Client, createClient } from './client.ts'
import type { DetailInput, MeasureInput, PassedInput, ProbedInput } from './origin-inputs.ts'

/** How one region sees an origin through one monitor. */
export interface RegionView {
  readonly region: ProbeRegion
  readonly monitor: string
  readonly verdict: 'up' | 'down' | 'unknown'
  /** Why its vote does not count now, if so: no result for too long, or its own network is out. */
  readonly void?: string
  readonly inARow: number
  readonly lastDetail: string
  readonly lastLatencyMs?: number
  readonly lastAtMs?: number
}

/** All that the object of an origin knows. */
export interface OriginDetail {
  readonly origin: string
  readonly health: Health
  readonly evidence: string
  readonly sinceMs: number
  readonly holdsUntilMs?: number
  readonly flaps: number
  /** Requests in flight, over all isolates that reported of late. */
  readonly connections: number
  /** Absent where the object is of an older release. */
  readonly passing?: Passing
  readonly regions: readonly RegionView[]
  /** Traffic in the window of passive health. */
  readonly passive: Measure & {
    readonly windowMs: number
    readonly isolates: number
    /** How many of them have put it aside; absent when none has. */
    readonly ejecting?: number
  }
}

/** What an isolate is told after a report. */
export interface PassedAnswer extends Lease {
  /** How long it should wait before its next report, unless something fails. */
  readonly reportAfterMs: number
}

/** The methods of the object of an origin. */
export interface OriginMethods {
  probed(input: z.input<typeof ProbedInput>): { readonly health: Health }
  passed(input: z.input<typeof PassedInput>): PassedAnswer
  /** What was seen since; `completeSinceMs` is later than asked when the object has forgotten or began later. */
  measure(input: z.input<typeof MeasureInput>): Measure & { readonly completeSinceMs: number }
  detail(input: z.input<typeof DetailInput>): OriginDetail
}

/** The client of the object of one origin. `timeoutMs` bounds each call. */
export function createOriginClient(
  env: Env,
  origin: string,
  timeoutMs: number,
): Client<OriginMethods> {
  return createClient<OriginMethods>({
    namespace: env.ORIGIN,
    object: origin,
    timeoutMs,
    // Reports carry a sequence: one that comes twice changes nothing.
    idempotent: ['probed', 'passed', 'measure', 'detail'],
  })
}
