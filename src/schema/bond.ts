import * as z from 'zod'
import { Id } from './id.ts'

/** A client's bond, as the edge has verified or looked it up before the decision. */
export const Bond = z.strictObject({
  origin: Id,
  boundAtMs: z.number().describe('Since when the client belongs there.'),
})
export type Bond = z.output<typeof Bond>
