import * as z from 'zod'
import { CookieName, HeaderName, ParameterName } from './http.ts'

/**
 * What a choice hangs on: requests with the same key are ordered the same way.
 * `client` is the address (IPv6 by /64), `session` the session cookie. A request that lacks its key is
 * keyed by its client address, and by chance if even that is unknown.
 */
export const Key = z.union([
  z.enum(['random', 'client', 'session']),
  z.strictObject({ header: HeaderName }),
  z.strictObject({ cookie: CookieName }),
  z.strictObject({ query: ParameterName }),
  z.strictObject({ segment: z.int().min(1).max(32).describe('Path segment, counted from 1.') }),
])
export type Key = z.output<typeof Key>
