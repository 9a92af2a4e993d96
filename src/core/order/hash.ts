import type { Order } from './order.ts'
import { weighted } from './weighted.ts'

/**
 * Equal keys to equal members. Consistent hashing is what weighted rendezvous does with any key, so this is
 * `weighted` under the name that says what it is wanted for, and whose key is never chance unless told.
 */
export const hash: Order = weighted
