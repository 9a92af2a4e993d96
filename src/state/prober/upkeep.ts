import type { ProbePlan, ProbeTarget, ProberName } from '../../schema/probe-plan.ts'
import { hurryReport } from './reports.ts'
import { newCheck } from './schedule.ts'
import { type Check, PROBER_PACE, type Planning, type ProberState, keyOf } from './state.ts'

/** The control object spoke of a revision: asked for, where it is not the one that is kept. */
export function hear(
  state: ProberState,
  { name, revision }: { readonly name: ProberName; readonly revision: number },
  nowMs: number,
): ProberState {
  const planning = { ...state.planning, wanted: revision, heardMs: nowMs }
  const isSame = state.name?.region === name.region && state.name.shard === name.shard
  return { ...state, name: isSame ? state.name : name, planning }
}

/** When the control object is to be asked for the plan; undefined when there is no reason to. */
export function askAtMs({ name, plan, planning, targets }: ProberState): number | undefined {
  if (name === null || planning.isAsking) return undefined
  if (planning.wanted !== plan.revision) return planning.retryMs
  const isIdle = Object.keys(targets).length === 0 || plan.driver === 'cron'
  return isIdle ? undefined : Math.max(planning.heardMs + PROBER_PACE.silence, planning.retryMs)
}

/** The control object did not answer: the last plan goes on, and it is asked again later and later. */
export function missPlan(state: ProberState, nowMs: number): ProberState {
  const failures = state.planning.failures + 1
  const pause = PROBER_PACE.planRetry * 2 ** Math.min(failures - 1, 10)
  const retryMs = nowMs + Math.min(PROBER_PACE.planRetryMost, pause)
  return { ...state, planning: { ...state.planning, isAsking: false, failures, retryMs } }
}

/** The plan as the control object has it; `null` when it is the one that is kept. */
export function takePlan(state: ProberState, plan: ProbePlan | null, nowMs: number): ProberState {
  const { revision } = plan ?? state.plan
  const { wanted } = state.planning
  // Of a revision that is behind the one that was spoken of, the answer was on its way already: asked once more, in a
  // while. One that is ahead is what it would have spoken of next.
  const isBehind = plan !== null && revision < wanted
  const planning: Planning = {
    isAsking: false,
    wanted: isBehind ? wanted : revision,
    failures: 0,
    retryMs: isBehind ? nowMs + PROBER_PACE.planRetry : nowMs,
    heardMs: nowMs,
  }
  return plan === null ? { ...state, planning } : exchange({ ...state, planning }, plan, nowMs)
}

/** Takes over a plan. What is probed as before goes on as before; what is new is probed now. */
function exchange(state: ProberState, plan: ProbePlan, nowMs: number): ProberState {
  const { revision, driver } = plan
  const targets = Object.fromEntries(plan.targets.map((target) => [target.plan.origin, target]))
  const isKept = (origin: string): boolean => state.targets[origin] !== undefined
  const checks = driver === state.plan.driver ? state.checks : {}
  const outboxes = Object.fromEntries(
    Object.entries(state.outboxes).filter(([origin]) => targets[origin] !== undefined),
  )
  let next: ProberState = {
    ...state,
    plan: { revision, driver },
    targets,
    outboxes,
    checks: toChecks(targets, { before: state.targets, checks }, nowMs),
  }
  for (const [origin, target] of Object.entries(targets)) {
    // Its object judges by the plan that comes with reports, and the next one may be an hour away.
    if (isKept(origin) && !isSamePlan(state.targets[origin], target)) {
      next = hurryReport(next, origin, nowMs)
    }
  }
  return next
}

interface Before {
  readonly before: ProberState['targets']
  readonly checks: ProberState['checks']
}

function toChecks(
  targets: ProberState['targets'],
  { before, checks }: Before,
  nowMs: number,
): ProberState['checks'] {
  const next: Record<string, Check> = {}
  for (const [origin, target] of Object.entries(targets)) {
    for (const { id } of target.monitors) {
      const key = keyOf({ origin, monitor: id })
      const known = checks[key]
      const isSame = known !== undefined && isSameProbe(id, before[origin], target)
      next[key] = isSame ? known : newCheck(origin, id, nowMs)
    }
  }
  return next
}

/** Whether a probe says of the one what it says of the other. */
function isSameProbe(id: string, before: ProbeTarget | undefined, after: ProbeTarget): boolean {
  if (before === after) return true
  const probeOf = (target: ProbeTarget | undefined): unknown =>
    target && [
      target.url,
      target.host,
      target.headers,
      target.monitors.find((each) => each.id === id)?.monitor,
    ]
  return JSON.stringify(probeOf(before)) === JSON.stringify(probeOf(after))
}

function isSamePlan(before: ProbeTarget | undefined, after: ProbeTarget): boolean {
  return (
    before === after || JSON.stringify(unnumbered(before)) === JSON.stringify(unnumbered(after))
  )
}

function unnumbered(target: ProbeTarget | undefined): unknown {
  return { ...target?.plan, revision: 0 }
}
