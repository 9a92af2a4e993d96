import { createShield } from '../durable/shield.ts'
import { createShieldService } from './proxy/shield/service.ts'

/** The class of the objects that shield origins, with the data plane that they serve by. */
export const Shield = createShield(createShieldService())
