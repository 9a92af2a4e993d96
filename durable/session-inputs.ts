import * as z from 'zod'
import { AFFINITY_LIMITS } from '../src/schema/affinity-limits.ts'
import { Id } from '../src/schema/id.ts'
import { SESSION_LIMITS } from './session-methods.ts'

// What the methods of a shard take. No strict objects: an object of one release may meet a Worker of the next.

/** Names a session: a digest, so that no credential of a client is at rest. */
const SessionKey = z.string().regex(/^[\w-]{22}$/)

const Lifetime = z.object({ ttlMs: z.number().min(1), idleMs: z.number().min(1) })

/** Shards where the session may stand from before their number was another one, the latest first. */
const former = z.array(z.int().min(0)).max(SESSION_LIMITS.former).default([])

const Data = z.string().max(AFFINITY_LIMITS.dataBytes)

const Proposal = z.object({
  origin: Id,
  boundAtMs: z.number().optional(),
  usedAtMs: z.number().optional(),
  from: Id.optional(),
  isHeld: z.boolean().optional(),
  lifetime: Lifetime,
})

/** Where a client shall belong, unless it belongs somewhere already. */
export const OpenInput = Proposal.extend({ key: SessionKey, former })

/** What an isolate knows of a session, and what its origin wants kept with it. */
const TouchItem = OpenInput.extend({
  data: Data.nullable().optional(),
  dataAtMs: z.number().default(0).describe('Of the data that the isolate has; 0 when it has none.'),
})

/** Sessions that were used. */
export const TouchInput = z.object({ items: z.array(TouchItem).max(SESSION_LIMITS.batch) })

/** A change by hand. */
export const PutInput = z.object({
  key: SessionKey,
  origin: Id.optional(),
  data: Data.nullable().optional(),
  lifetime: Lifetime,
  former,
})

/** Which session, and for how long its end has to be remembered. */
export const EndInput = z.object({ key: SessionKey, lifetime: Lifetime, former })

/** Which session. */
export const FindInput = z.object({ key: SessionKey, former })

/** What another shard asks of the one where keys were before. */
export const LendInput = z.object({
  items: z
    .array(z.object({ key: SessionKey, proposal: Proposal.optional(), former }))
    .max(SESSION_LIMITS.batch),
})

/** Which sessions another shard has now. */
export const HandInput = z.object({ keys: z.array(SessionKey).max(SESSION_LIMITS.batch) })
