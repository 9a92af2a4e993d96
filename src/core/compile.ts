import type { SnapshotDocument } from '../schema/snapshot.ts'
import { compilePools } from './compile-pool.ts'
import { compileRevision } from './compile-revision.ts'
import { freezeDeep } from './freeze.ts'
import type { CompiledRevision, Snapshot } from './snapshot.ts'

/**
 * Compiles what the control object published into the value that decisions are made from. What follows
 * from the revision alone is taken over from an older `previous` of the same revision, so that a change
 * of health does not compile 10,000 routes again.
 */
export function compile(document: SnapshotDocument, previous?: Snapshot): Snapshot {
  // A lower generation means that the control object lost its storage: its revision 7 is another one.
  const reusable =
    previous?.revision === document.revision && previous.generation <= document.generation
  const revision: CompiledRevision = reusable ? previous : compileRevision(document)
  return Object.freeze({
    revision: revision.revision,
    settings: revision.settings,
    table: revision.table,
    routes: revision.routes,
    needs: revision.needs,
    generation: document.generation,
    publishedAtMs: document.publishedAtMs,
    ...freezeDeep(compilePools(document.config, document.conditions)),
  })
}
