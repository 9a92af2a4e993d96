import type { PurgeRow } from '../schema/cache-purge.ts'
import type { SnapshotDocument } from '../schema/snapshot.ts'
import { compilePools } from './compile-pool.ts'
import { compileRevision } from './compile-revision.ts'
import { compileShifts } from './compile-route.ts'
import { freezeDeep } from './freeze.ts'
import { type PurgeIndex, compilePurges } from './purge.ts'
import type { CompiledRevision, Snapshot } from './snapshot.ts'

/**
 * Compiles what the control object published into the value that decisions are made from. What follows
 * from the configuration alone is taken over from `previous` when that has the same one, so that a change
 * of health does not compile 10,000 routes again.
 */
export function compile(document: SnapshotDocument, previous?: Snapshot): Snapshot {
  const isSame = previous !== undefined && previous.form === document.form
  const base: CompiledRevision = isSame ? previous.base : compileRevision(document)
  const { config, conditions } = document
  return Object.freeze({
    ...base,
    base,
    routes: compileShifts(base.routes, config, conditions),
    revision: document.revision,
    generation: document.generation,
    publishedAtMs: document.publishedAtMs,
    keyring: freezeDeep(document.keyring ?? []),
    formerShards: freezeDeep(document.formerShards ?? []),
    purges: compilePurgesOf(document, base, previous),
    ...freezeDeep(compilePools(config, conditions, isSame ? previous.pools : [])),
  })
}

/**
 * Purges are only ever added: what news do not know holds on. A control object of an older release says nothing of
 * them, and one that has lost its storage may not know the last.
 */
function compilePurgesOf(
  { purges: told = [] }: SnapshotDocument,
  { form, routes }: CompiledRevision,
  previous: Snapshot | undefined,
): PurgeIndex {
  const newest = told.at(-1)?.serial ?? 0
  const untold = previous?.purges.rows.filter(({ serial }) => serial > newest) ?? []
  const rows = [...told, ...untold]
  const known = previous?.form === form ? previous.purges : undefined
  return known && areSame(known.rows, rows) ? known : freezeDeep(compilePurges(rows, routes))
}

/** Serials rise and rows only leave from the front: what begins, ends and counts the same is the same. */
function areSame(known: readonly PurgeRow[], rows: readonly PurgeRow[]): boolean {
  return (
    known.length === rows.length &&
    known[0]?.serial === rows[0]?.serial &&
    known.at(-1)?.serial === rows.at(-1)?.serial
  )
}
