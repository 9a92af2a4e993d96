import type { HealthReport, PassiveReport, ProbeReport } from '../../schema/report.ts'
import type { Machine, Wake } from '../machine.ts'
import { hasBegunToFail, isUrged, probersOf } from './doubt.ts'
import { findIsolate, grantIsolate, isKnownReport, noteIsolate, pruneIsolates } from './isolates.ts'
import { grantTo } from './leases.ts'
import { noteInterest, partsToStore, restoreTraffic } from './measuring.ts'
import { OriginState, initialOrigin, judgeOrigin } from './origin-state.ts'
import { adoptPlan, adoptSettings } from './plan.ts'
import { hasVote } from './probes.ts'
import {
  acceptReport,
  fitRegions,
  forgetTallies,
  isWorthStoring,
  rebaseRegions,
  refreshRegions,
} from './regions.ts'
import { nextStanding } from './standing.ts'
import { beginTelling, failTelling, initialHeard, initialTelling, isToTell } from './telling.ts'
import { countTraffic, rebaseTraffic } from './traffic.ts'
import { nextAlarmMs } from './wake.ts'

/** What happens to the object of an origin. */
export type OriginEvent =
  /** A process took over. `alarmAtMs`: the alarm that the one before had set. */
  | { readonly type: 'start'; readonly alarmAtMs: number | null }
  | { readonly type: 'probed'; readonly report: ProbeReport }
  | { readonly type: 'passed'; readonly origin: string; readonly report: PassiveReport }
  /** Somebody goes by the counts of traffic. */
  | { readonly type: 'measured' }
  /** The control object has heard what was told under this number, or has not. */
  | { readonly type: 'heard'; readonly sequence: number }
  | { readonly type: 'unheard'; readonly sequence: number }

/** What is to be done after a step. */
export type OriginEffect =
  /** Tell the control object; `heard` or `unheard` comes of it. */
  | { readonly type: 'tell'; readonly report: HealthReport }
  /** Ask these probers to look at once. */
  | { readonly type: 'urge'; readonly origin: string; readonly probers: readonly string[] }

type Step = readonly [OriginState, readonly OriginEffect[]]

/**
 * The health of one origin, from the probes of all regions and the traffic of all isolates. It is told to the
 * control object until that has heard it. When something begins to look bad, the probers that have not
 * seen it are asked to look.
 */
export const originHealth: Machine<OriginState, OriginEvent, OriginEffect> = {
  schema: OriginState,
  initial: initialOrigin,
  tables: ['storedParts'],
  volatile: ['regions', 'traffic', 'isolates', 'telling', 'isSuffering', 'urgedAtMs', 'alarmAtMs'],
  step(before, event, nowMs) {
    const state = rebase(before, nowMs)
    const taken = take(state, event, nowMs)
    // Nothing new: a report that is late or comes twice must not even cost a judgement.
    if (taken === state && state === before && event.type !== 'wake') return [before, []]
    return conclude(state, taken, { event, nowMs })
  },
  wakeAtMs: ({ alarmAtMs }) => alarmAtMs ?? undefined,
}

/** After a clock has jumped back nothing was seen in the future. */
function rebase(state: OriginState, nowMs: number): OriginState {
  const regions = rebaseRegions(state.regions, nowMs)
  const traffic = rebaseTraffic(state.traffic, nowMs)
  const isSame = regions === state.regions && traffic === state.traffic
  return isSame ? state : { ...state, regions, traffic }
}

function take(state: OriginState, event: OriginEvent | Wake, nowMs: number): OriginState {
  switch (event.type) {
    case 'start':
      return start(state, event.alarmAtMs, nowMs)
    case 'probed':
      return takeProbes(state, event.report, nowMs)
    case 'passed':
      return takeTraffic(state, event, nowMs)
    case 'measured':
      return { ...state, measuring: noteInterest(state.measuring, state.traffic, nowMs) }
    case 'heard': {
      const sequence = Math.max(state.heard.sequence, event.sequence)
      const isLast = event.sequence >= state.telling.sequence
      const telling = isLast ? initialTelling : state.telling
      return { ...state, heard: { sequence, atMs: nowMs }, telling, alarmAtMs: null }
    }
    case 'unheard':
      // The alarm was set for the case that nothing comes of the attempt.
      return {
        ...state,
        telling: failTelling(state.telling, event.sequence, nowMs),
        alarmAtMs: null,
      }
    case 'wake':
      return state
  }
}

/** Goes on from what was stored: regions that said up or down do so until they are silent for too long. */
function start(state: OriginState, alarmAtMs: number | null, nowMs: number): OriginState {
  const regions = rebaseRegions(state.storedRegions, nowMs)
  const traffic = restoreTraffic(state.storedParts, state.measuring, nowMs)
  return { ...state, regions, traffic, alarmAtMs }
}

function takeProbes(state: OriginState, report: ProbeReport, nowMs: number): OriginState {
  const { standing, regions: known } = state
  const plans = adoptPlan(state.plans, report.plan, { regions: known, nowMs })
  const isUnhealthy = standing.health === 'unhealthy'
  const fitted = plans === state.plans ? known : fitRegions(known, plans.plan)
  const context = { plan: plans.plan, nowMs, isUnhealthy }
  const accepted = acceptReport(fitted, report, context)
  if (accepted === known && plans === state.plans) return state
  const isSilent = !hasVote(plans.plan, fitted, nowMs)
  const regions = isSilent ? acceptReport(refreshRegions(fitted, nowMs), report, context) : accepted
  // A configuration that names the origin anew may have made the listener forget it.
  const heard = plans === state.plans ? state.heard : initialHeard
  return { ...state, origin: report.plan.origin, plans, regions, heard }
}

function takeTraffic(
  state: OriginState,
  { origin, report }: Extract<OriginEvent, { type: 'passed' }>,
  nowMs: number,
): OriginState {
  if (isKnownReport(state.isolates, report)) return state
  const plans = adoptSettings(state.plans, report.settings)
  const { windowMs } = plans.plan.passive
  const traffic = countTraffic(state.traffic, report, nowMs)
  const isNewPart = traffic.parts.at(-1)?.atMs !== state.traffic.parts.at(-1)?.atMs
  const counted = noteIsolate(state.isolates, report, { windowMs, nowMs })
  const noted = grantIsolate(counted, report.isolate, grantTo(counted, report, nowMs))
  // Once a second is often enough to look for isolates that are gone.
  const isolates = isNewPart ? pruneIsolates(noted, windowMs, nowMs) : noted
  return { ...state, origin, plans, traffic, isolates }
}

interface Conclusion {
  readonly event: OriginEvent | Wake
  readonly nowMs: number
}

/** Judges what is known now, and says what follows. */
function conclude(before: OriginState, taken: OriginState, { event, nowMs }: Conclusion): Step {
  const { measuring, traffic, plans } = taken
  const judgement = judgeOrigin(taken, nowMs)
  const { baseMs: base, maxMs: max } = plans.plan.holdDown
  const standing = nextStanding(taken.standing, { judgement, holdDown: { base, max }, nowMs })
  const isForgotten = standing.health === 'unknown' && taken.standing.health !== 'unknown'
  const regions = isForgotten ? forgetTallies(taken.regions) : taken.regions
  const isNew = isWorthStoring(taken.storedRegions, regions, plans.plan)
  const next: OriginState = {
    ...taken,
    standing,
    regions,
    storedRegions: isNew ? regions : taken.storedRegions,
    storedParts: partsToStore(taken.storedParts, traffic, { measuring, nowMs }),
    isSuffering: judgement.passive.verdict === 'failing',
  }
  const [told, tell] = tellIfDue(next, nowMs)
  const [urged, urge] = urgeIfDoubted(told, doubterOf(before, next, event), nowMs)
  return [{ ...urged, alarmAtMs: nextAlarmMs(urged, judgement, nowMs) }, [...tell, ...urge]]
}

function tellIfDue(state: OriginState, nowMs: number): Step {
  const { origin, standing } = state
  if (!isToTell(standing, state.heard, nowMs)) return [state, []]
  const telling = beginTelling(state.telling, standing, nowMs)
  if (telling === undefined) return [state, []]
  const { sequence, health, evidence, sinceMs, holdsUntilMs } = standing
  const told = { origin, sequence, health, evidence, sinceMs }
  const report: HealthReport = holdsUntilMs === null ? told : { ...told, holdsUntilMs }
  return [{ ...state, telling }, [{ type: 'tell', report }]]
}

/** Asks all probers but the one that doubts already. */
function urgeIfDoubted(state: OriginState, doubter: string | undefined, nowMs: number): Step {
  const { origin, standing, regions, urgedAtMs } = state
  if (doubter === undefined || standing.health === 'unhealthy') return [state, []]
  const probers = probersOf(regions, doubter)
  if (probers.length === 0 || isUrged(urgedAtMs, nowMs)) return [state, []]
  return [{ ...state, urgedAtMs: nowMs }, [{ type: 'urge', origin, probers }]]
}

/** The prober that has begun to doubt, '' when it is traffic, undefined when there is nothing new. */
function doubterOf(
  before: OriginState,
  next: OriginState,
  event: OriginEvent | Wake,
): string | undefined {
  if (event.type === 'probed') {
    return hasBegunToFail(before.regions, next.regions) ? event.report.prober : undefined
  }
  if (event.type !== 'passed') return undefined
  if (next.isSuffering && !before.isSuffering) return ''
  const { isolate } = event.report
  const wasEjecting = findIsolate(before.isolates, isolate)?.isEjecting
  return findIsolate(next.isolates, isolate)?.isEjecting && !wasEjecting ? '' : undefined
}
