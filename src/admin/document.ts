import { completeConfig } from '../schema/complete-config.ts'
import { parseConfig } from '../schema/parse-config.ts'
import { SNAPSHOT_FORMAT, type SnapshotDocument } from '../schema/snapshot.ts'
import { refuse, refuseCall, refuseProblems } from './problem-details.ts'
import type { Parsed } from './query.ts'
import type { AdminDeps } from './resource.ts'

/** What every edge decides from now, as the control object has it. */
export async function findDocument({ control }: AdminDeps): Promise<Parsed<SnapshotDocument>> {
  const called = await control.call('snapshot', {})
  if (!called.ok) return { ok: false, refusal: refuseCall(called.error) }
  const news = called.value
  // Nobody named a form that they have, so the configuration is in it.
  // The object may be of an older release for a while.
  if (news?.config) return { ok: true, value: { ...news, config: completeConfig(news.config) } }
  const detail = 'apply one with PUT /v1/config, or send a draft as "config"'
  return { ok: false, refusal: refuse('no-configuration', detail) }
}

/** A draft as a document: nothing is known of its origins, and nothing is wrong with them. */
export function toDraftDocument(draft: unknown): Parsed<SnapshotDocument> {
  const parsed = parseConfig(draft)
  if (!parsed.ok) {
    return { ok: false, refusal: refuseProblems('invalid-configuration', parsed.problems) }
  }
  const head = {
    format: SNAPSHOT_FORMAT,
    revision: 0,
    form: 'draft',
    generation: 0,
    publishedAtMs: 0,
  } as const
  const conditions = { origins: {}, pools: {}, routes: {} }
  return { ok: true, value: { ...head, config: parsed.config, conditions } }
}
