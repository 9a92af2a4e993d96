import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import type { StoredSession } from '../src/state/session/session.ts'
import { type Client, createClient } from './client.ts'
import type {
  EndInput,
  FindInput,
  HandInput,
  LendInput,
  OpenInput,
  PutInput,
  TouchInput,
} from './session-inputs.ts'
import type { Nothing } from './wire.ts'

/** Bounds of a shard and of one call to it. */
export const SESSION_LIMITS = {
  /** Sessions of one shard; beyond it those that would end first make room. */
  sessions: 1_000_000,
  /** Sessions that an isolate tells of at once. */
  batch: 1000,
  former: 16,
} as const

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
