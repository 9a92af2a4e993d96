import * as z from 'zod'
import { LIMIT_LIMITS } from '../src/schema/limit.ts'
import { LIMITER_LIMITS } from './limiter-methods.ts'

const count = z.int().min(0)

// No strict objects: an object of one release may meet a Worker of the next.
const QuotaInput = z.object({
  requests: count.min(1),
  perMs: count.min(1),
  burst: count.min(1),
})

/** What isolates ask of several keys: what they let in without a lease, and how many more they want. */
export const LeaseInput = z.object({
  asks: z
    .array(
      z.object({
        key: count,
        quotas: z.array(QuotaInput).min(1).max(LIMIT_LIMITS.windows),
        spent: count,
        want: count,
      }),
    )
    .max(LIMITER_LIMITS.asks),
})

export type LeaseInput = z.output<typeof LeaseInput>
