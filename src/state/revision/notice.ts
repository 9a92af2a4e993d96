import type { Notice } from '../../schema/notice.ts'

/** A revision that came into force, by whom and why. */
export interface NewRevision {
  readonly revision: number
  readonly by: string
  readonly reason: string
}

/** Tells of a revision. */
export function revisionNotice({ revision, by, reason }: NewRevision, atMs: number): Notice {
  return {
    id: `revision:${revision}`,
    kind: 'configuration',
    severity: 'info',
    subject: { type: 'configuration', id: String(revision) },
    title: `revision ${revision} is in force`,
    text: [by && `by ${by}`, reason].filter(Boolean).join(': '),
    dedupKey: `revision:${revision}`,
    resolves: false,
    atMs,
  }
}
