import { checkAffinity } from './check-affinity.ts'
import { checkCache } from './check-cache.ts'
import { checkDns } from './check-dns.ts'
import { Config } from './config.ts'
import { toProblem } from './issue.ts'
import type { Problem } from './problem.ts'
import { checkReferences } from './references.ts'
import { findUnsafeNames } from './unsafe-name.ts'
import { warnIneffective } from './warnings.ts'

/** A configuration that may be used, with its warnings; or everything that is wrong with it. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Most problems told at once: enough to work through, bounded for a hostile document. */
const MOST_PROBLEMS = 100

/** Parses what an operator wrote. Never throws; every problem has its path and its cure. */
export function parseConfig(authored: unknown): ParsedConfig {
  const parsed = Config.safeParse(authored)
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, MOST_PROBLEMS).map(toProblem)
    return { ok: false, problems }
  }
  const { data } = parsed
  const checked = [...checkAffinity(data), ...checkCache(data), ...checkDns(data)]
  const errors = [
    ...findUnsafeNames(authored),
    ...checkReferences(data),
    ...checked.filter(({ severity }) => severity === 'error'),
  ]
  if (errors.length > 0) return { ok: false, problems: errors.slice(0, MOST_PROBLEMS) }
  const warnings = [...checked, ...warnIneffective(data)]
  return { ok: true, config: data, problems: warnings.slice(0, MOST_PROBLEMS) }
}
