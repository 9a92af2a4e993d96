import type { Condition, Conditions, RouteCondition } from '../../schema/condition.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import { isRampOver } from '../ramp-state.ts'
import { weightsOfShift } from '../ramp-share.ts'
import { configuredState, shareOf, stateOf } from './standing.ts'
import type { TrafficState } from './state.ts'

/** What the edges need to know of the moment: an entry for whatever is not as the configuration says, and well. */
export function conditionsOf(state: TrafficState): Conditions {
  const { plan } = state
  // What cannot be read is not published either: what was published before stays where it is.
  if (plan === null) return state.conditions
  const origins = new Set(subjectsOf(state, 'origin'))
  for (const [id, { health }] of Object.entries(state.origins)) {
    if (health === 'unhealthy' || health === 'degraded') origins.add(id)
  }
  return {
    origins: entriesOf(state, 'origin', [...origins]),
    pools: entriesOf(state, 'pool', subjectsOf(state, 'pool')),
    routes: Object.fromEntries(routesOf(state)),
  }
}

/** Whether two say the same, whatever words the evidence has. */
export function isSameFor(one: Conditions, other: Conditions): boolean {
  if (one === other) return true
  return withoutEvidence(one) === withoutEvidence(other)
}

function withoutEvidence(conditions: Conditions): string {
  return JSON.stringify(conditions, (key, value: unknown) => (key === 'evidence' ? '' : value))
}

/** Subjects of one kind that somebody said something of, or that a ramp moves. */
function subjectsOf({ overrides, ramps }: TrafficState, type: RampSubject['type']): string[] {
  const prefix = `${type}:`
  const keys = new Set([...Object.keys(overrides), ...Object.keys(ramps)])
  return [...keys]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .toSorted()
}

function entriesOf(
  state: TrafficState,
  type: 'origin' | 'pool',
  ids: readonly string[],
): Record<string, Condition> {
  const entries = ids.flatMap((id): [string, Condition][] => {
    const condition = conditionOf(state, { type, id })
    return condition ? [[id, condition]] : []
  })
  return Object.fromEntries(entries)
}

function conditionOf(state: TrafficState, subject: RampSubject): Condition | undefined {
  const configured = state.plan ? configuredState(state.plan, subject) : undefined
  if (configured === undefined) return undefined
  const known = subject.type === 'origin' ? state.origins[subject.id] : undefined
  const isWell = known === undefined || known.health === 'healthy' || known.health === 'unknown'
  const sharePercent = shareOf(state, subject)
  const now = stateOf(state, subject)
  if (isWell && sharePercent === 100 && now === configured) return undefined
  const { health, evidence, sinceMs } = known ?? {
    health: 'unknown' as const,
    evidence: '',
    sinceMs: 0,
  }
  return { health, evidence, sinceMs, sharePercent, ...(now !== configured && { state: now }) }
}

function routesOf({ plan, ramps, landings }: TrafficState): [string, RouteCondition][] {
  const routes = new Map<string, RouteCondition>()
  for (const ramp of Object.values(ramps)) {
    if (ramp.use !== 'shift' || isRampOver(ramp)) continue
    routes.set(ramp.subject.id, { weights: { ...weightsOfShift(ramp) } })
  }
  // A shift that is done holds its weights until the configuration has them.
  for (const { route, weights } of Object.values(landings)) routes.set(route, { weights })
  return [...routes].filter(([route]) => plan !== null && Object.hasOwn(plan.routes, route))
}
