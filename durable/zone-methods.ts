import * as z from 'zod'
import type { Env } from '../src/env.ts'
import { Actor } from '../src/schema/deed.ts'
import type { ZoneView } from '../src/schema/dns-answer.ts'
import type { ZoneRun } from '../src/schema/dns-report.ts'
import { ZoneName, toZoneId } from '../src/schema/dns-zone.ts'
import { Id } from '../src/schema/id.ts'
import { type Client, createClient } from './client.ts'

// What the methods take. No strict objects: an object of one release may meet a Worker of the next. Each names the
// zone, since an object does not know its own name before somebody tells it.

/** Why a run is asked for. */
export const AskInput = z.object({ zone: ZoneName, cause: z.enum(['cron', 'change']) })

/** Which zone. */
export const ViewInput = z.object({ zone: ZoneName })

/** A run that somebody waits for, or (a dry run) only what it would change. */
export const ReconcileInput = z.object({ zone: ZoneName, dryRun: z.boolean() })

/** A record that shall stay as it stands, or follow health again. */
export const FreezeInput = z.object({
  zone: ZoneName,
  record: Id,
  frozen: z.boolean(),
  reason: z.string().max(1024),
  by: Actor,
})

/** What a run came to. */
export type RunReport = Omit<ZoneRun, 'provider' | 'zone'>

/** The methods of the object of a zone. */
export interface ZoneMethods {
  /** Asks for a run and does not wait for it. Asked often, it runs once more after the one under way. */
  ask(input: z.input<typeof AskInput>): { readonly known: boolean }
  view(input: z.input<typeof ViewInput>): ZoneView
  reconcile(input: z.input<typeof ReconcileInput>): RunReport
  freeze(input: z.input<typeof FreezeInput>): ZoneView
}

/** Methods that may run twice. */
const IDEMPOTENT: readonly (keyof ZoneMethods)[] = ['ask', 'view', 'reconcile', 'freeze']

/** The client of the object of one zone. `timeoutMs` bounds each call. */
export function createZoneClient(env: Env, zone: ZoneName, timeoutMs: number): Client<ZoneMethods> {
  return createClient<ZoneMethods>({
    namespace: env.ZONES,
    object: toZoneId(zone),
    timeoutMs,
    idempotent: IDEMPOTENT,
  })
}
