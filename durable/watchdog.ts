import type { Env } from '../src/env.ts'
import type { Client } from './client.ts'
import { type ControlMethods, createControlClient } from './control-methods.ts'
import { createProberClient } from './prober-methods.ts'
import { createZoneClient } from './zone-methods.ts'

/** A change may publish before it answers. */
const CONTROL_TIMEOUT_MS = 15_000

/** A prober answers at once: what it sees, it tells the objects of the origins. */
const PROBER_TIMEOUT_MS = 5000

/** A zone answers at once, too: its provider takes the time that it takes. */
const ZONE_TIMEOUT_MS = 5000

/**
 * What the cron does, once a minute: a published snapshot that went missing, or never got out, is published
 * again; a prober whose alarm was lost is roused, and where alarms are turned off every prober probes; every zone
 * with records that follow health is compared with what it should be. Throws, for the log of the platform, when the
 * control object could not be asked; that a prober or a zone is away is told by what they do not tell.
 */
export async function watchOver(env: Env): Promise<void> {
  const control = createControlClient(env, CONTROL_TIMEOUT_MS)
  const errors = await Promise.all([
    control.call('republish', {}).then((called) => (called.ok ? undefined : called.error)),
    rouseProbers(env, control),
    askZones(env, control),
  ])
  for (const error of errors) {
    if (error !== undefined) throw new Error(`the control object: ${error.message}`)
  }
}

async function rouseProbers(env: Env, control: Client<ControlMethods>) {
  const probers = await control.call('probers', {})
  if (!probers.ok) return probers.error
  const { revision, items } = probers.value
  await Promise.all(
    items.map((name) =>
      createProberClient(env, name, PROBER_TIMEOUT_MS).call('rouse', { name, revision }),
    ),
  )
  return undefined
}

async function askZones(env: Env, control: Client<ControlMethods>) {
  const zones = await control.call('zones', {})
  if (!zones.ok) return zones.error
  await Promise.all(
    zones.value.items.map((zone) =>
      createZoneClient(env, zone, ZONE_TIMEOUT_MS).call('ask', { zone, cause: 'cron' }),
    ),
  )
  return undefined
}
