import { zonesIn } from '../../src/schema/dns-zone.ts'
import { heardOf } from '../../src/state/control/zones.ts'
import { method } from '../machine.ts'
import { Nothing } from '../wire.ts'
import { ZoneNewsInput, type ZoneRegisterMethods } from '../zone-register-methods.ts'
import { createZoneClient } from '../zone-methods.ts'
import type { ControlShell, Facet } from './facet.ts'

/** How long the object of a zone has to say that it heard. */
const ASK_TIMEOUT_MS = 4000

/** The zones of DNS failover: hears what their objects tell, and tells them when there is another generation. */
export function zonesFacet(shell: ControlShell): Facet<ZoneRegisterMethods> {
  const poke = coalesce(() => askAll(shell))
  return {
    methods: {
      zones: method(Nothing, () => ({ items: zonesIn(shell.config()?.dns) })),
      zoneNews: method(ZoneNewsInput, (news) => {
        // Stored before it is answered; whom it is told to is nothing that the zone waits for.
        shell.post({ type: 'zone-news', ...news })
        return { upTo: heardOf(shell.state().zones, news.zone) }
      }),
    },
    reach: (effect) => (effect.type === 'poke' ? poke() : undefined),
  }
}

/** A zone that does not hear it is asked by the cron. */
async function askAll(shell: ControlShell): Promise<void> {
  await Promise.all(
    zonesIn(shell.config()?.dns).map((zone) =>
      createZoneClient(shell.env, zone, ASK_TIMEOUT_MS).call('ask', { zone, cause: 'change' }),
    ),
  )
}

/** Runs once at a time; asked meanwhile, however often, once more after that. */
function coalesce(work: () => Promise<void>): () => Promise<undefined> {
  let isRunning = false
  let isAsked = false
  return async () => {
    isAsked = true
    if (isRunning) return
    isRunning = true
    try {
      while (isAsked) {
        isAsked = false
        await work()
      }
    } finally {
      isRunning = false
    }
  }
}
