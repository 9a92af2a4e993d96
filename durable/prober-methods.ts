import * as z from 'zod'
import type { Env } from '../src/env.ts'
import { Id } from '../src/schema/id.ts'
import { ProberName, ProbeTarget, toProberName } from '../src/schema/probe-plan.ts'
import { type Client, createClient } from './client.ts'

/**
 * Says that it is there and asks it to work: fetch the plan if there is a newer one, probe what is due, arm the
 * alarm. With the cron as the only driver it probes everything once.
 */
export const RouseInput = z.object({ name: ProberName, revision: z.int().min(0) })

/** An origin that somebody doubts: probed at once, then at its unhealthy interval until it is settled. */
export const UrgeInput = z.object({ origin: Id })

/** Targets to try now, whatever the plan says; nothing is reported to any origin. */
export const TryInput = z.object({ targets: z.array(ProbeTarget).min(1).max(64) })

/** What one trial saw. */
export interface Trial {
  readonly origin: string
  readonly monitor: string
  readonly ok: boolean
  readonly latencyMs: number
  readonly detail: string
  /** Status and the beginning of the body, where there were any: to see what a check got. */
  readonly status?: number
  readonly body?: string
}

/** The methods of a prober. */
export interface ProberMethods {
  rouse(input: z.input<typeof RouseInput>): { readonly revision: number; readonly targets: number }
  urge(input: z.input<typeof UrgeInput>): { readonly known: boolean }
  try(input: z.input<typeof TryInput>): { readonly items: readonly Trial[] }
}

/** The client of one prober. Its first call ever places the object in its region. */
export function createProberClient(
  env: Env,
  name: ProberName,
  timeoutMs: number,
): Client<ProberMethods> {
  return createClient<ProberMethods>({
    namespace: env.PROBER,
    object: toProberName(name),
    locationHint: name.region,
    timeoutMs,
    idempotent: ['rouse', 'urge', 'try'],
  })
}
