import { createShield } from '../../durable/shield.ts'
import { createShieldService } from '../../src/proxy/shield/service.ts'

// The Worker with the very classes of its objects, so that a test may look into one.

export { Control } from '../../durable/control.ts'
export { Limiter } from '../../durable/limiter.ts'
export { Origin } from '../../durable/origin.ts'
export { Prober } from '../../durable/prober.ts'
export { Sessions } from '../../durable/sessions.ts'
export { Zone } from '../../durable/zone.ts'
export { default } from '../../src/worker.ts'

let service = createShieldService()

/** Empties the memory that all shields of the runtime share: a later file knows nothing of the snapshots of this one. */
export function forgetShields(): void {
  service = createShieldService()
}

export const Shield = createShield({
  begin: () => service.begin(),
  answer: (asked, place) => service.answer(asked, place),
  look: (key) => service.look(key),
})
