import type { Config } from './config.ts'
import { NOT_ACTED_ON } from './planned.ts'
import { type Problem, toPointer } from './problem.ts'

/** A warning for every setting that is accepted and that this release does not act on. */
export function warnPlanned(config: Config): Problem[] {
  const problems: Problem[] = []
  for (const [id, route] of Object.entries(config.routes)) {
    if (route.cache) problems.push(warn(['routes', id, 'cache'], 'cache'))
  }
  if (config.dns) problems.push(warn(['dns'], 'dns'))
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
