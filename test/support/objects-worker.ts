/** The Worker with the very classes of its objects, so that a test may look into one. */
export { Control } from '../../durable/control.ts'
export { Limiter } from '../../durable/limiter.ts'
export { Origin } from '../../durable/origin.ts'
export { Prober } from '../../durable/prober.ts'
export { Sessions } from '../../durable/sessions.ts'
export { Zone } from '../../durable/zone.ts'
export { Shield } from '../../src/shield-object.ts'
export { default } from '../../src/worker.ts'
