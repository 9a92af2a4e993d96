import * as z from 'zod'
import { AFFINITY_LIMITS } from './affinity-limits.ts'
import { Id } from './id.ts'

const at = z.number().describe('Milliseconds since the epoch.')

/** Half of a pair: no text that can be sent has one (Unicode 15, D75). */
const LONE_SURROGATE = /\p{Surrogate}/u

/** What is kept with a session for its origins: text, so many bytes as UTF-8. */
const Data = z
  .string()
  .max(AFFINITY_LIMITS.dataBytes)
  .refine((text) => !LONE_SURROGATE.test(text) && bytesOf(text) <= AFFINITY_LIMITS.dataBytes, {
    error: `data is text of at most ${AFFINITY_LIMITS.dataBytes} bytes as UTF-8`,
  })

function bytesOf(text: string): number {
  return encodeURIComponent(text).replaceAll(/%../g, 'x').length
}

/** What a client says of its session: the value of a header, an address, or the id in a cookie. */
export const SessionValue = z
  .string()
  .min(1)
  .max(AFFINITY_LIMITS.keyCharacters)
  .refine((text) => !LONE_SURROGATE.test(text))
  .describe(
    'As the application has it, percent-encoded: the value of the header or cookie (several of "all" with "%0A" ' +
      'between them), the address, or the id of a session that a cookie of the router names.',
  )

/** Of which route a session is. */
export const SessionQuery = z.strictObject({ route: Id })

/** A session as it stands now. */
export const SessionReport = z.strictObject({
  route: Id,
  origin: z.string(),
  boundAtMs: at,
  usedAtMs: at.describe('Its last request, as far as it was written down.'),
  expiresAtMs: at.describe('When it ends if it is not used.'),
  data: z.string().optional(),
  shard: z.int().min(0),
})
export type SessionReport = z.output<typeof SessionReport>

/** What is to be set of a session. */
export const SessionBody = z
  .strictObject({
    origin: Id.optional().describe('Moves the client there, or binds it before it ever came.'),
    data: Data.nullable().optional().describe('Kept with the session; null removes it.'),
  })
  .refine(({ origin, data }) => origin !== undefined || data !== undefined, {
    error: 'takes "origin", "data" or both',
  })
export type SessionBody = z.output<typeof SessionBody>

/** How many sessions there are. */
export const SessionTotals = z.strictObject({
  sessions: z.int().min(0),
  origins: z
    .record(z.string(), z.int().min(0))
    .describe('By origin. What is over stands there for some seconds more.'),
  shards: z.int().min(1),
  expired: z.int().min(0).describe('Ended by themselves since the shards began.'),
  evicted: z.int().min(0).describe('Removed since the shards began, because a shard was full.'),
  missing: z.string().optional().describe('What did not answer in time: it is not counted.'),
})
export type SessionTotals = z.output<typeof SessionTotals>
