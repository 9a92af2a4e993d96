import type { Condition, Conditions, RouteCondition } from '../../schema/condition.ts'
import type { Shed } from '../../schema/limit.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import { isRampOver } from '../ramp/state.ts'
import { drainOf } from './drain-times.ts'
import { isRecovering, rampTermsOf } from './ramp-terms.ts'
import { configuredState, shareOf, stateOf } from './standing.ts'
import { type TrafficState, toSubject, withChanges } from './state.ts'

/** Characters of evidence that go to the edges: they explain by it; the whole stands with the origin. */
export const EVIDENCE_MOST = 160

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
    pools: entriesOf(state, 'pool', conditionedPools(state)),
    routes: Object.fromEntries(routesOf(state)),
  }
}

/** The conditions after a step that concerned these subjects only; each that did not change is the same value. */
export function updateConditions(
  { conditions }: TrafficState,
  state: TrafficState,
  keys: readonly string[],
): Conditions {
  const origins = new Map<string, Condition | undefined>()
  const pools = new Map<string, Condition | undefined>()
  for (const key of keys) {
    const subject = toSubject(key)
    if (subject.type === 'route') continue
    const isPool = subject.type === 'pool'
    const { id } = subject
    const condition = conditionOf(state, subject)
    const known = (isPool ? conditions.pools : conditions.origins)[id]
    if (isSameCondition(known, condition)) continue
    const changes = isPool ? pools : origins
    changes.set(id, condition)
  }
  return {
    origins: withChanges(conditions.origins, origins),
    pools: withChanges(conditions.pools, pools),
    routes: Object.fromEntries(routesOf(state)),
  }
}

function isSameCondition(one: Condition | undefined, other: Condition | undefined): boolean {
  return isSameButWords(one, other) && one?.evidence === other?.evidence
}

function isSameButWords(one: Condition | undefined, other: Condition | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other
  return (
    one.health === other.health &&
    one.sinceMs === other.sinceMs &&
    one.state === other.state &&
    one.sharePercent === other.sharePercent &&
    one.attempt === other.attempt &&
    one.admitPercent === other.admitPercent &&
    one.keepsSinceMs === other.keepsSinceMs &&
    one.drainFromMs === other.drainFromMs &&
    one.drainUntilMs === other.drainUntilMs &&
    isSameShed(one.shed, other.shed)
  )
}

function isSameShed(one: Shed | undefined, other: Shed | undefined): boolean {
  return (
    one?.newPercent === other?.newPercent &&
    one?.sessionPercent === other?.sessionPercent &&
    one?.by === other?.by
  )
}

/** Whether two say the same, whatever words the evidence has. */
export function isSameFor(one: Conditions, other: Conditions): boolean {
  return (
    isSameRecord(one.origins, other.origins) &&
    isSameRecord(one.pools, other.pools) &&
    JSON.stringify(one.routes) === JSON.stringify(other.routes)
  )
}

function isSameRecord(
  one: Readonly<Record<string, Condition>>,
  other: Readonly<Record<string, Condition>>,
): boolean {
  if (one === other) return true
  const ids = Object.keys(one)
  if (ids.length !== Object.keys(other).length) return false
  return ids.every((id) => isSameButWords(one[id], other[id]))
}

/** Subjects of one kind that somebody said something of, that a ramp moves, or that drain. */
function subjectsOf(
  { overrides, ramps, drains }: TrafficState,
  type: RampSubject['type'],
): string[] {
  const prefix = `${type}:`
  const keys = new Set([overrides, ramps, drains].flatMap((each) => Object.keys(each)))
  return [...keys]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .toSorted()
}

function conditionedPools(state: TrafficState): string[] {
  return [...new Set([...subjectsOf(state, 'pool'), ...Object.keys(state.shedding)])].toSorted()
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
  const drain = drainOf(state, subject)
  const shed = subject.type === 'pool' ? state.shedding[subject.id]?.shed : undefined
  const isWhole = isWell && sharePercent === 100 && now === configured
  if (isWhole && !drain && !shed && !isRecovering(state, subject)) return undefined
  const { health, evidence, sinceMs } = known ?? {
    health: 'unknown' as const,
    evidence: '',
    sinceMs: 0,
  }
  const said = shorten(evidence)
  const override = (now !== configured || drain) && { state: now }
  return {
    health,
    evidence: said,
    sinceMs,
    sharePercent,
    ...override,
    ...rampTermsOf(state, subject),
    ...(drain && { drainFromMs: drain.fromMs, drainUntilMs: drain.untilMs }),
    ...(shed && { shed }),
  }
}

/** In an outage of everything each origin has evidence, and all of them are one value of the store. */
function shorten(evidence: string): string {
  if (evidence.length <= EVIDENCE_MOST) return evidence
  // Half of a character of two units would be none.
  return `${evidence.slice(0, EVIDENCE_MOST - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

function routesOf({ plan, ramps, landings }: TrafficState): [string, RouteCondition][] {
  const routes = new Map<string, RouteCondition>()
  for (const ramp of Object.values(ramps)) {
    if (ramp.use !== 'shift' || isRampOver(ramp)) continue
    routes.set(ramp.subject.id, { weights: { ...ramp.to }, percent: ramp.percent })
  }
  // A shift that is done holds its weights until the configuration has them.
  for (const { route, weights } of Object.values(landings)) {
    routes.set(route, { weights, percent: 100 })
  }
  return [...routes].filter(([route]) => plan !== null && Object.hasOwn(plan.routes, route))
}
