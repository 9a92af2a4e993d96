import { firstTurnMs } from './phase.ts'
import { newCheck, turnOf } from './schedule.ts'
import { type Check, type Doubt, PROBER_PACE, type ProberState, keyOf } from './state.ts'

/**
 * The checks of a kept plan as a new process finds them. A process ends whenever nothing happens for ten seconds, so
 * most of its checks are not due: only those whose turn the alarm came for, or was too late for, and those in doubt.
 */
export function resumeChecks(
  state: ProberState,
  alarmMs: number | undefined,
  nowMs: number,
): ProberState['checks'] {
  const sinceMs = Math.min(nowMs - PROBER_PACE.missed, alarmMs ?? nowMs)
  const checks: Record<string, Check> = {}
  for (const [origin, { monitors }] of Object.entries(state.targets)) {
    for (const { id, monitor } of monitors) {
      const check = newCheck(origin, id, nowMs)
      const key = keyOf(check)
      const turnMs = firstTurnMs(turnOf(check, monitor, state), sinceMs)
      const known = recall(check, state.doubts[key])
      // With the cron as the only driver nothing has a turn. What is in doubt waits for its alarm, if there is one.
      if (state.plan.driver === 'cron') checks[key] = { ...known, dueMs: Infinity }
      else if (known.doubt > 0) checks[key] = { ...known, dueMs: Math.max(nowMs, alarmMs ?? nowMs) }
      else checks[key] = { ...known, dueMs: turnMs, isTurn: true, deadlineMs: turnMs }
    }
  }
  return checks
}

function recall(check: Check, doubt: Doubt | undefined): Check {
  if (doubt === undefined) return { ...check, last: { ok: true, isAnswered: true } }
  const { left, isAnswered } = doubt
  return { ...check, doubt: left, last: { ok: false, isAnswered } }
}

/** Keeps what a new process has to know of doubt. While a check goes on to fail as before, nothing is written. */
export function keepDoubts(state: ProberState): ProberState {
  const { checks, doubts } = state
  const gone = Object.keys(doubts).filter((key) => (checks[key]?.doubt ?? 0) === 0)
  const news: [string, Doubt][] = []
  for (const check of Object.values(checks)) {
    const { doubt: left, last } = check
    if (left === 0) continue
    const key = keyOf(check)
    const isAnswered = last?.isAnswered ?? true
    const known = doubts[key]
    if (known?.left !== left || known.isAnswered !== isAnswered)
      news.push([key, { left, isAnswered }])
  }
  if (gone.length === 0 && news.length === 0) return state
  const kept = Object.entries(doubts).filter(([key]) => !gone.includes(key))
  return { ...state, doubts: Object.fromEntries([...kept, ...news]) }
}
