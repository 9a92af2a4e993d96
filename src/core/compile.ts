import type { SnapshotDocument } from '../schema/snapshot.ts'
import { compilePools } from './compile-pool.ts'
import { compileRevision } from './compile-revision.ts'
import { freezeDeep } from './freeze.ts'
import type { CompiledRevision, Snapshot } from './snapshot.ts'

/**
 * Compiles what the control object published into the value that decisions are made from. What follows
 * from the configuration alone is taken over from `previous` when that has the same one, so that a change
 * of health does not compile 10,000 routes again.
 */
export function compile(document: SnapshotDocument, previous?: Snapshot): Snapshot {
  const isSame = previous !== undefined && previous.form === document.form
  const revision: CompiledRevision = isSame ? previous : compileRevision(document)
  return Object.freeze({
    form: revision.form,
    settings: revision.settings,
    table: revision.table,
    routes: revision.routes,
    needs: revision.needs,
    revision: document.revision,
    generation: document.generation,
    publishedAtMs: document.publishedAtMs,
    ...freezeDeep(compilePools(document.config, document.conditions)),
  })
}
