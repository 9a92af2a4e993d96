import { type Problem, toPointer } from '../schema/problem.ts'
import type { SnapshotDocument } from '../schema/snapshot.ts'

/** Origins and pools that a question names. */
export interface Named {
  readonly origins: readonly string[]
  readonly pools: readonly string[]
}

/**
 * What is named and does not exist: a condition of it would change nothing, and seem to prove something. `at` is
 * where in the question the names stand.
 */
export function findStrangers(
  { origins, pools }: Named,
  { config }: Pick<SnapshotDocument, 'config'>,
  at: string,
): Problem[] {
  const known = Object.values(config.pools).flatMap((pool) => Object.keys(pool.origins))
  return [
    ...strangersAmong(new Set(known), origins, [at, 'origins']),
    ...strangersAmong(new Set(Object.keys(config.pools)), pools, [at, 'pools']),
  ]
}

function strangersAmong(
  known: ReadonlySet<string>,
  ids: readonly string[],
  path: readonly [string, 'origins' | 'pools'],
): Problem[] {
  return ids
    .filter((id) => !known.has(id))
    .map((id) => ({
      severity: 'error',
      path: toPointer([...path, id]),
      message: `"${id}" is not among the ${path[1]} of the configuration`,
      cure: 'correct the id, or leave it out',
    }))
}
