import type { Env } from '../src/env.ts'
import { lease } from '../src/state/rate/lessor.ts'
import {
  type BucketEffect,
  type BucketEvent,
  type BucketUpkeep,
  bucketUpkeep,
} from '../src/state/rate/upkeep.ts'
import { LeaseInput } from './limiter-inputs.ts'
import { LIMITER_LIMITS, type LimiterMethods } from './limiter-methods.ts'
import { type LimiterTable, openLimiterTable } from './limiter-table.ts'
import { MachineObject, type MethodTable, method } from './machine.ts'

/** Buckets that one wake removes; what is left waits for the next, with calls in between. */
const SWEEP_ROWS = 1000

/** One shard of the keys of global limits: it leases their requests to the isolates. */
export class Limiter extends MachineObject<BucketUpkeep, BucketEvent, BucketEffect> {
  protected readonly machine = bucketUpkeep
  protected readonly methods: MethodTable<LimiterMethods> = {
    lease: method(LeaseInput, ({ asks }) => {
      const nowMs = Date.now()
      return { grants: asks.map((ask) => this.lease(ask, nowMs)) }
    }),
  }

  private readonly table: LimiterTable

  constructor(ctx: DurableObjectState, _env: Env) {
    super(ctx)
    this.table = openLimiterTable(this.storage.sql, LIMITER_LIMITS.buckets)
  }

  protected async begin(): Promise<BucketEvent> {
    return { type: 'start', emptyAtMs: this.table.firstEmptyAtMs() }
  }

  /** Rows are written before the machine hears of them, in the same turn: the platform commits both or neither. */
  protected write(): void {}

  protected async run(_effect: BucketEffect): Promise<BucketEvent> {
    this.table.sweep(Date.now(), SWEEP_ROWS)
    return { type: 'swept', emptyAtMs: this.table.firstEmptyAtMs() }
  }

  private lease({ key, quotas, ...ask }: LeaseInput['asks'][number], nowMs: number) {
    const [bucket, grant] = lease(this.table.find(key, quotas, nowMs), quotas, ask)
    const emptyAtMs = this.table.keep(key, quotas, bucket)
    if (emptyAtMs !== undefined) this.post({ type: 'stored', emptyAtMs })
    return grant
  }
}
