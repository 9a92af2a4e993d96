import type { Config } from './config.ts'
import { NOT_ACTED_ON } from './planned.ts'
import { type Problem, toPointer } from './problem.ts'

/** A warning for every setting that is accepted and without effect. */
export function warnIneffective(config: Config): Problem[] {
  const problems: Problem[] = []
  for (const [id, route] of Object.entries(config.routes)) {
    if (route.cache) problems.push(warn(['routes', id, 'cache'], 'cache'))
  }
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

function warn(path: readonly string[], setting: keyof typeof NOT_ACTED_ON): Problem {
  return {
    severity: 'warning',
    path: toPointer(path),
    message: `"${setting}" is checked, but not acted on by this release: ${NOT_ACTED_ON[setting]}`,
    cure: 'keep it for a later release, or remove it',
  }
}
