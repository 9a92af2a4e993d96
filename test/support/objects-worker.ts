import { Control as ControlClass } from '../../durable/control.ts'
import { Limiter as LimiterClass } from '../../durable/limiter.ts'
import { Origin as OriginClass } from '../../durable/origin.ts'
import { Prober as ProberClass } from '../../durable/prober.ts'
import { Sessions as SessionsClass } from '../../durable/sessions.ts'
import { createShield } from '../../durable/shield.ts'
import { Zone as ZoneClass } from '../../durable/zone.ts'
import { createShieldService } from '../../src/proxy/shield/service.ts'
import { noted } from './begun-objects.ts'

// The Worker with the very classes of its objects, so that a test may look into one.

export { default } from '../../src/worker.ts'

export const Control = noted('CONTROL', ControlClass)
export const Limiter = noted('LIMITER', LimiterClass)
export const Origin = noted('ORIGIN', OriginClass)
export const Prober = noted('PROBER', ProberClass)
export const Sessions = noted('SESSIONS', SessionsClass)
export const Zone = noted('ZONES', ZoneClass)

let service = createShieldService()

/** Empties the memory that all shields of the runtime share: a later file knows nothing of the snapshots of this one. */
export function forgetShields(): void {
  service = createShieldService()
}

export const Shield = noted(
  'SHIELD',
  createShield({
    begin: () => service.begin(),
    answer: (asked, place) => service.answer(asked, place),
    look: (key) => service.look(key),
  }),
)
