import type { Env } from '../src/env.ts'
import { createControlClient } from './control-methods.ts'
import { createProberClient } from './prober-methods.ts'

/** A change may publish before it answers. */
const CONTROL_TIMEOUT_MS = 15_000

/** A prober answers at once: what it sees, it tells the objects of the origins. */
const PROBER_TIMEOUT_MS = 5000

/**
 * What the cron does, once a minute: a published snapshot that went missing, or never got out, is published
 * again; a prober whose alarm was lost is roused, and where alarms are turned off every prober probes. Throws,
 * for the log of the platform, when the control object could not be asked; that a prober is away is told by its
 * missing reports.
 */
export async function watchOver(env: Env): Promise<void> {
  const control = createControlClient(env, CONTROL_TIMEOUT_MS)
  const [published, probers] = await Promise.all([
    control.call('republish', {}),
    control.call('probers', {}),
  ])
  if (probers.ok) {
    const { revision, items } = probers.value
    await Promise.all(
      items.map((name) =>
        createProberClient(env, name, PROBER_TIMEOUT_MS).call('rouse', { name, revision }),
      ),
    )
  }
  for (const called of [published, probers]) {
    if (!called.ok) throw new Error(`the control object: ${called.error.message}`)
  }
}
