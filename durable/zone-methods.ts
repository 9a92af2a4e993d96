import * as z from 'zod'
import type { Env } from '../src/env.ts'
import { type ZoneName, ZoneName as Zone, toZoneId } from '../src/schema/dns-zone.ts'
import { type Client, createClient } from './client.ts'

// What the methods take. No strict objects: an object of one release may meet a Worker of the next.

/** Why a run is asked for; the object learns its name by it. */
export const AskInput = z.object({ zone: Zone, cause: z.enum(['cron', 'change']) })

/** The methods of the object of a zone. */
export interface ZoneMethods {
  /** Asks for a run and does not wait for it. Asked often, it runs once more after the one under way. */
  ask(input: z.input<typeof AskInput>): { readonly known: boolean }
}

/** Methods that may run twice. */
const IDEMPOTENT: readonly (keyof ZoneMethods)[] = ['ask']

/** The client of the object of one zone. `timeoutMs` bounds each call. */
export function createZoneClient(env: Env, zone: ZoneName, timeoutMs: number): Client<ZoneMethods> {
  return createClient<ZoneMethods>({
    namespace: env.ZONES,
    object: toZoneId(zone),
    timeoutMs,
    idempotent: IDEMPOTENT,
  })
}
