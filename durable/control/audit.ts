import type { AuditMark, AuditVerdict } from '../../src/schema/audit.ts'
import { beginCheck, checkRows, endCheck } from '../../src/state/audit-chain.ts'
import type { RevisionEffect } from '../../src/state/revision/revision.ts'
import { AuditInput, type AuditMethods, VerifyInput } from '../audit-methods.ts'
import type { AuditStore } from '../audit-store.ts'
import { method } from '../machine.ts'
import type { ControlShell, Facet } from './facet.ts'

/** The audit log: writes what the machine says was done, and every configuration that somebody applied. */
export function auditFacet(shell: ControlShell, store: AuditStore): Facet<AuditMethods> {
  return {
    methods: {
      audit: method(AuditInput, ({ limit, before }) => {
        const items = store.list({ limit: limit + 1, before })
        const last = items.length > limit ? items[limit - 1] : undefined
        return { items: items.slice(0, limit), ...(last && { next: last.sequence }) }
      }),
      verifyAudit: method(VerifyInput, ({ noted }) => verify(store, noted)),
    },
    write(effect) {
      if (effect.type === 'audit') store.append(effect.deed, effect.atMs)
      if (effect.type === 'store') appendRevision(effect, shell.state().log.current, store)
    },
  }
}

/** Entries checked in one go: some milliseconds, after which whoever else waits for the object has a turn. */
const GO = 200

async function verify(store: AuditStore, noted: AuditMark | undefined): Promise<AuditVerdict> {
  const { anchor } = store.marks()
  let progress = beginCheck(anchor, noted)
  for (;;) {
    const rows = store.rows(progress.mark.sequence, GO)
    progress = checkRows(progress, rows, noted)
    // Entries may be added meanwhile: the end counts as it stands when it is reached.
    if (progress.broken !== undefined || rows.length < GO) {
      return endCheck(progress, { anchor, head: store.marks().head, noted })
    }
    await scheduler.wait(0)
  }
}

type Stored = Extract<RevisionEffect, { type: 'store' }>

/** What a revision says is kept with the revisions; the log names it and its digest. */
function appendRevision(effect: Stored, current: number, store: AuditStore): void {
  const { revision, restores, createdAtMs, entry } = effect
  // A revision without one was written by the machine, which tells of it in a deed of its own.
  if (entry.actor === undefined) return
  const deed = {
    action: restores === undefined ? 'config.put' : 'config.rollback',
    target: `revision:${revision}`,
    actor: entry.actor,
    reason: entry.message,
    before: { revision: current },
    after: { revision, digest: entry.digest, ...(restores !== undefined && { restores }) },
  }
  store.append(deed, createdAtMs)
}
