import * as z from 'zod'
import { duration } from './duration.ts'

/**
 * What a change by an operator may not do without saying so. That something is left to serve every route is
 * always asked; the rest has its numbers here.
 */
export const Interlocks = z.strictObject({
  maxChangePercent: z
    .number()
    .min(1)
    .max(100)
    .default(50)
    .describe('Most that one call may move of the traffic of a route.'),
  minCapacityPercent: z
    .number()
    .min(0)
    .max(100)
    .default(50)
    .describe('Least of the weight of the usable origins of a route that a call must leave.'),
  confirmWithin: duration({ min: '10s', max: '24h' })
    .optional()
    .describe('Changes revert by themselves after so long unless they are confirmed. Default: no.'),
})
export type Interlocks = z.output<typeof Interlocks>

/** What a refusal is about. */
const route = {
  route: z.string(),
  part: z
    .literal('writes')
    .optional()
    .describe('Only what goes to the pool of its writes is meant.'),
}

/** Which interlock refuses, with the numbers. */
export const InterlockRefusal = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('all-off'), ...route, usable: z.int() }),
  z.strictObject({
    type: z.literal('change-too-large'),
    ...route,
    changePercent: z.number(),
    maxChangePercent: z.number(),
  }),
  z.strictObject({
    type: z.literal('capacity-too-small'),
    ...route,
    capacityPercent: z.number(),
    minCapacityPercent: z.number(),
  }),
])
export type InterlockRefusal = z.output<typeof InterlockRefusal>
