import { affinityOperations } from './affinity.ts'
import { createApiDescription } from './api-description.ts'
import { auditOperations } from './audit.ts'
import { cacheOperations } from './cache.ts'
import { configOperations } from './config.ts'
import { confirmationOperations } from './confirmations.ts'
import { explainOperations } from './explain.ts'
import { dnsOperations } from './dns.ts'
import { createHealthOperations } from './health.ts'
import { monitorOperations } from './monitors.ts'
import { notificationOperations } from './notifications.ts'
import type { Operation } from './operation.ts'
import { originOperations } from './origins.ts'
import { poolOperations } from './pools.ts'
import { rampOperations } from './ramps.ts'
import { revisionOperations } from './revisions.ts'
import { sheddingOperations } from './shedding.ts'
import { sessionOperations } from './sessions.ts'
import { shiftOperations } from './shifts.ts'
import { simulateOperations } from './simulate.ts'
import { stateOperations } from './states.ts'
import { tokenOperations } from './tokens.ts'
import { weightOperations } from './weights.ts'

/** Every operation of the admin API, in the order of its description. */
export function createOperations(): readonly Operation[] {
  const operations: readonly Operation[] = [
    ...configOperations,
    ...revisionOperations,
    ...explainOperations,
    ...simulateOperations,
    ...originOperations,
    ...poolOperations,
    ...stateOperations,
    ...sheddingOperations,
    ...monitorOperations,
    ...weightOperations,
    ...shiftOperations,
    ...rampOperations,
    ...affinityOperations,
    ...confirmationOperations,
    ...sessionOperations,
    ...dnsOperations,
    ...cacheOperations,
    ...notificationOperations,
    ...tokenOperations,
    ...auditOperations,
    ...createHealthOperations(),
    createApiDescription(() => operations),
  ]
  return operations
}
