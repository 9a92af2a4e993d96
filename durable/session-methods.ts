import * as z from 'zod'
import type { Env } from '../src/env.ts'
import { AFFINITY_LIMITS } from '../src/schema/affinity.ts'
import { Id } from '../src/schema/id.ts'
import type { StoredSession } from '../src/state/session/session.ts'
import { type Client, createClient } from './client.ts'
import type { Nothing } from './wire.ts'

// What the methods take. No strict objects: an object of one release may meet a Worker of the next.

/** Bounds of a shard and of one call to it. */
export const SESSION_LIMITS = {
  /** Sessions of one shard; beyond it those that would end first make room. */
  sessions: 1_000_000,
  /** Sessions that an isolate tells of at once. */
  batch: 1000,
  former: 16,
} as const

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

/** Where a client belongs; `gone`: nowhere, since its session was ended by hand. */
export type SessionAnswer =
  | {
      readonly gone: false
      readonly origin: string
      readonly boundAtMs: number
      readonly data?: string
      readonly dataAtMs: number
    }
  | { readonly gone: true }

/** What an isolate did not know, or has wrong. */
export type SessionCorrection = SessionAnswer & { readonly key: string }

/** A session as the API shows it. */
export interface SessionView {
  readonly origin: string
  readonly boundAtMs: number
  readonly usedAtMs: number
  readonly expiresAtMs: number
  readonly data?: string
}

/** What a shard holds. */
export interface SessionCounts {
  readonly sessions: number
  readonly origins: Readonly<Record<string, number>>
  /** Since the beginning of the shard. */
  readonly expired: number
  readonly evicted: number
}

/** The methods of a shard of sessions. */
export interface SessionMethods {
  open(input: z.input<typeof OpenInput>): SessionAnswer
  /** Takes note of what isolates saw, as `open` would, and says what they have wrong. */
  touch(input: z.input<typeof TouchInput>): { readonly items: readonly SessionCorrection[] }
  find(input: z.input<typeof FindInput>): SessionView | null
  /** `null` when there is no such session and no origin is given. */
  put(input: z.input<typeof PutInput>): SessionView | null
  end(input: z.input<typeof EndInput>): { readonly found: boolean }
  counts(input: z.input<typeof Nothing>): SessionCounts
  /** What another shard shall have; where nobody knows a key, its proposal stands here for a while. */
  lend(input: z.input<typeof LendInput>): {
    readonly items: readonly { readonly key: string; readonly session: StoredSession }[]
  }
  /** Another shard has them. */
  hand(input: z.input<typeof HandInput>): { readonly handed: number }
}

/** The client of one shard of sessions. `timeoutMs` bounds each call. */
export function createSessionsClient(
  env: Pick<Env, 'SESSIONS'>,
  shard: number,
  timeoutMs: number,
): Client<SessionMethods> {
  return createClient<SessionMethods>({
    namespace: env.SESSIONS,
    object: `sessions:${shard}`,
    timeoutMs,
    idempotent: ['open', 'touch', 'find', 'put', 'counts', 'lend', 'hand'],
  })
}
