import type { Config } from './config.ts'
import { type Problem, toPointer } from './problem.ts'

/** A warning for every setting that is accepted and without effect. */
export function warnIneffective(config: Config): Problem[] {
  const problems: Problem[] = []
  const { records = {}, providers = {} } = config.dns ?? {}
  if (Object.keys(records).length > 0 && Object.keys(providers).length === 0) {
    problems.push({
      severity: 'warning',
      path: toPointer(['dns', 'records']),
      message: 'there are records, but no provider that could write them',
      cure: 'name who keeps their zones under "dns.providers"',
    })
  }
  return problems
}
