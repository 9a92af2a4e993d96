import { configOperations } from './config.ts'
import { explainOperations } from './explain.ts'
import { createHealthOperations } from './health.ts'
import type { Operation } from './operation.ts'
import { revisionOperations } from './revisions.ts'

/** Every operation of the admin API, in the order of its description. */
export function createOperations(): readonly Operation[] {
  return [
    ...configOperations,
    ...revisionOperations,
    ...explainOperations,
    ...createHealthOperations(),
  ]
}
