import * as z from 'zod'

/**
 * Settings that are checked in full, so that a configuration can be written now, and that this release
 * does not act on yet. `NOT_ACTED_ON` makes each use of them a warning, never a silence.
 */
export const NOT_ACTED_ON = {
  cache: 'nothing is cached yet',
} as const

/** How the edge cache treats a route. */
export const RouteCache = z.strictObject({
  mode: z.enum(['off', 'standard', 'override']).default('standard'),
})
