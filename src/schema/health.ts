import * as z from 'zod'

/** What probes and traffic say of an origin. `unknown` may serve: there was no reason to doubt it yet. */
export const Health = z.enum(['unknown', 'healthy', 'degraded', 'unhealthy'])
export type Health = z.output<typeof Health>
