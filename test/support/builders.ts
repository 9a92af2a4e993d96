import type * as z from 'zod'
import { compile } from '../../src/core/compile.ts'
import {
  nothingSeen,
  type Observations,
  type OriginObservation,
  UNSEEN,
} from '../../src/core/observation.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { RequestFacts } from '../../src/schema/facts.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { SNAPSHOT_FORMAT, type SnapshotDocument } from '../../src/schema/snapshot.ts'

/** A published document of a configuration that must be right. */
export function documentOf(
  authored: AuthoredConfig,
  conditions: z.input<typeof Conditions> = {},
): SnapshotDocument {
  const parsed = parseConfig(authored)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2))
  return {
    format: SNAPSHOT_FORMAT,
    revision: 1,
    form: JSON.stringify(parsed.config),
    generation: 1,
    publishedAtMs: 0,
    config: parsed.config,
    conditions: Conditions.parse(conditions),
  }
}

/** The snapshot of a configuration that must be right. */
export function snapshotOf(
  authored: AuthoredConfig,
  conditions: z.input<typeof Conditions> = {},
): Snapshot {
  return compile(documentOf(authored, conditions))
}

/** The facts of a request: a GET of `/` on `www.example.com` unless said otherwise. */
export function factsOf(facts: Partial<z.input<typeof RequestFacts>> = {}): RequestFacts {
  return RequestFacts.parse({ host: 'www.example.com', ...facts })
}

/** What an isolate has seen, by origin id; an origin that is not named was never seen. */
export function observationsOf(
  snapshot: Snapshot,
  seen: Readonly<Record<string, Partial<OriginObservation>>> = {},
  credits: Observations['credits'] = new Map(),
): Observations {
  const origins = snapshot.origins.map(({ id }) => ({ ...UNSEEN, ...seen[id] }))
  return { ...nothingSeen(snapshot), origins, credits }
}

/** Pools by name, each with its origins by name: `poolsOf({ us: ['us-1', 'us-2'] })`. */
export function poolsOf(
  pools: Readonly<Record<string, readonly string[]>>,
): NonNullable<AuthoredConfig['pools']> {
  return Object.fromEntries(
    Object.entries(pools).map(([pool, ids]) => [pool, { origins: toOrigins(ids) }]),
  )
}

function toOrigins(ids: readonly string[]) {
  return Object.fromEntries(ids.map((id) => [id, { url: `https://${id}.example.com` }]))
}
