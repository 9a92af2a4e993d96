import type { Env } from '../../src/env.ts'
import { completeConfig } from '../../src/schema/complete-config.ts'
import type { Config } from '../../src/schema/config.ts'
import type { SnapshotDocument } from '../../src/schema/snapshot.ts'
import { createControlClient } from '../control-methods.ts'

/** A document of thousands of origins is megabytes. */
const TIMEOUT_MS = 15_000

/** What every edge decides from now, or why it is not known. */
export type ReadDocument =
  | { readonly ok: true; readonly document: SnapshotDocument }
  | { readonly ok: false; readonly why: string }

/** Where the object of a zone reads what is in force. Keeps the configuration, so that only conditions travel. */
export interface DocumentSource {
  /** Always the newest. */
  read(): Promise<ReadDocument>
  /** One that was read lately, for whom settings are enough; else the newest. */
  recent(): Promise<ReadDocument>
}

/** The cron has a zone read once a minute. */
const RECENT_MS = 90_000

/** Makes the source of one process. */
export function createDocumentSource(env: () => Env): DocumentSource {
  let kept: { readonly form: string; readonly config: Config } | undefined
  let last: { readonly document: SnapshotDocument; readonly atMs: number } | undefined
  const source: DocumentSource = {
    async read() {
      const has = { after: -1, form: kept?.form ?? '' }
      const called = await createControlClient(env(), TIMEOUT_MS).call('snapshot', has)
      if (!called.ok) return { ok: false, why: `the control object: ${called.error.message}` }
      const news = called.value
      // None yet, or none that this release can read: no reason to forget what was.
      if (news === null) return { ok: false, why: 'there is no configuration in force' }
      if (news.config !== undefined) {
        // The object may be of an older release for a while.
        kept = { form: news.form, config: completeConfig(news.config) }
      }
      // It was sent without, because we named its form.
      if (kept?.form !== news.form)
        return { ok: false, why: 'the control object sent no configuration' }
      const document = { ...news, config: kept.config }
      last = { document, atMs: Date.now() }
      return { ok: true, document }
    },
    async recent() {
      if (last === undefined || Math.abs(Date.now() - last.atMs) > RECENT_MS) return source.read()
      return { ok: true, document: last.document }
    },
  }
  return source
}
