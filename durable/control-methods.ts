import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import type { Problem } from '../src/schema/problem.ts'
import type { SnapshotNews } from '../src/schema/snapshot.ts'
import type { Change } from '../src/state/revision/difference.ts'
import type { AuditMethods } from './audit-methods.ts'
import { type Client, createClient } from './client.ts'
import type {
  PutInput,
  RevisionInput,
  RevisionsInput,
  RollbackInput,
  SnapshotInput,
} from './control-inputs.ts'
import type { NotificationMethods } from './notify/methods.ts'
import type { IdempotencyMethods } from './idempotency-methods.ts'
import type { KeyringMethods } from './keyring-methods.ts'
import type { PurgeMethods } from './purge-methods.ts'
import type { TokenMethods } from './token-methods.ts'
import type { TrafficMethods } from './traffic-methods.ts'
import type { Nothing } from './wire.ts'
import type { ZoneRegisterMethods } from './zone-register-methods.ts'

/** Bounds of what goes with a revision, and of a page of them. */
export const CONTROL_LIMITS = { author: 128, message: 1024, page: 100, defaultPage: 20 } as const

/** What is known of a revision without reading it. */
export interface RevisionRecord {
  readonly revision: number
  readonly author: string
  readonly message: string
  readonly createdAtMs: number
  readonly bytes: number
  /** The revision that this one repeats. */
  readonly restores?: number
}

/** A revision with what it says, and what it changed. */
export interface RevisionDetail extends RevisionRecord {
  readonly authored: unknown
  /** Against the revision before it; absent when that one is no longer kept. */
  readonly diff?: readonly Change[]
  readonly diffOmitted?: number
}

/** The configuration in force, as authored. */
export interface CurrentConfig {
  readonly revision: number
  readonly generation: number
  readonly authored: unknown
}

/** A change that was made, was already in force, or (a dry run) would be made. */
export interface ChangeMade {
  readonly outcome: 'accepted' | 'unchanged'
  readonly dryRun: boolean
  readonly revision: number
  readonly generation: number
  /** Whether this generation stands in the store that every edge reads; if not, attempts go on. */
  readonly published: boolean
  /** Warnings. */
  readonly problems: readonly Problem[]
  readonly diff: readonly Change[]
  readonly diffOmitted: number
}

/** What became of a change. */
export type ChangeAnswer =
  | ChangeMade
  | { readonly outcome: 'rejected'; readonly problems: readonly Problem[] }
  /** The current revision is not the expected one. */
  | { readonly outcome: 'mismatch'; readonly revision: number }
  | { readonly outcome: 'not-kept'; readonly revision: number }

/** How publication stands. */
export interface Publication {
  readonly revision: number
  readonly generation: number
  readonly published: number
  readonly failures: number
}

/** The methods of the control object that concern revisions. */
export interface RevisionMethods {
  config(input: z.input<typeof Nothing>): CurrentConfig | null
  put(input: z.input<typeof PutInput>): ChangeAnswer
  rollback(input: z.input<typeof RollbackInput>): ChangeAnswer
  revisions(input: z.input<typeof RevisionsInput>): {
    readonly items: readonly RevisionRecord[]
    readonly next?: number
  }
  revision(input: z.input<typeof RevisionInput>): RevisionDetail | null
}

/** The methods of the control object that concern publication. */
export interface PublicationMethods {
  /**
   * The document to decide from; `null` when there is none newer than `after`. Without its `config` when the
   * caller has the same form. Always the newest, whatever stands in the store.
   */
  snapshot(input: z.input<typeof SnapshotInput>): SnapshotNews | null
  /** The watchdog: compares what the store holds with what it should, and mends it. */
  republish(input: z.input<typeof Nothing>): Publication
}

/** The methods of the control object: those of its facets. */
export type ControlMethods = RevisionMethods &
  PublicationMethods &
  KeyringMethods &
  TrafficMethods &
  NotificationMethods &
  AuditMethods &
  TokenMethods &
  IdempotencyMethods &
  PurgeMethods &
  ZoneRegisterMethods

/** Methods that may run twice. What else changes something says so by an answer of its own when it is repeated. */
const IDEMPOTENT: readonly (keyof ControlMethods)[] = [
  // A repeated change finds itself in force and says "unchanged": no second revision comes of it.
  ...(['config', 'put', 'rollback', 'revisions', 'revision', 'snapshot', 'republish'] as const),
  ...(['health', 'probePlan', 'probers', 'origins', 'origin', 'pools', 'pool'] as const),
  ...(['setState', 'setShedding', 'setWeights', 'ramps', 'ramp', 'confirmations'] as const),
  ...(['audit', 'verifyAudit', 'tokens', 'tokenRegister', 'createToken', 'touchToken'] as const),
  ...(['beginCall', 'endCall', 'notifications', 'affinityKeys'] as const),
  ...(['zones', 'zoneNews'] as const),
]

/** The client of the one control object of a deployment. `timeoutMs` bounds each call. */
export function createControlClient(env: Env, timeoutMs: number): Client<ControlMethods> {
  return createClient<ControlMethods>({
    namespace: env.CONTROL,
    object: 'control',
    timeoutMs,
    idempotent: IDEMPOTENT,
  })
}
