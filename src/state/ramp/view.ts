import type { RampView } from '../../schema/traffic.ts'
import { admissionOf } from './admit.ts'
import { askFailback, seconds } from './failback.ts'
import { judge } from './gate.ts'
import { lookAtRamp, type RampState, remainingMsOf, windowSinceMs } from './state.ts'

const NOTHING = { requests: 0, failures: 0, errors: 0, latencies: {} }

/** A ramp as the API shows it: where it stands, and in words and numbers why. */
export function toRampView(stored: RampState, nowMs: number): RampView {
  const state = lookAtRamp(stored, nowMs)
  const { id, use, subject, phase, percent, sinceMs, startedAtMs, startedBy } = state
  const { measured, from, to } = state
  const nextAtMs = nextAtMsOf(state, nowMs)
  const affinity = affinityOf(state)
  return {
    id,
    use,
    subject,
    phase,
    percent,
    steps: [...state.settings.ramp.steps],
    sinceMs,
    why: whyOf(state, nowMs),
    ...(nextAtMs !== undefined && { nextAtMs }),
    ...(measured && {
      measured: { subject: measured.subject, peers: measured.peers ?? NOTHING },
    }),
    ...(affinity && { affinity }),
    ...(from && { from }),
    ...(to && { to }),
    startedAtMs,
    startedBy,
  }
}

/** What affinity makes of its share. */
function affinityOf(state: RampState): RampView['affinity'] {
  const admission = admissionOf(state)
  if (admission === undefined) return undefined
  const { keptPercent, freePercent, reachedPercent, said } = admission
  const { admitPercent = admission.admitPercent } = state
  return {
    admitPercent,
    keptPercent: round(keptPercent),
    freePercent: round(freePercent),
    reachedPercent: round(reachedPercent),
    said,
  }
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10
}

function nextAtMsOf(state: RampState, nowMs: number): number | undefined {
  const { phase, isWell, settings, elapsed } = state
  switch (phase) {
    case 'waiting': {
      const asked = askFailback(settings.failback, elapsed.ms, nowMs)
      return isWell && asked.type === 'later' ? asked.atMs : undefined
    }
    case 'held':
      return nowMs + remainingMsOf(state)
    case 'stepping': {
      const remainingMs = remainingMsOf(state)
      return remainingMs > 0 ? nowMs + remainingMs : undefined
    }
    case 'paused':
    case 'done':
    case 'aborted':
      return undefined
  }
}

/** `state` as of `nowMs`. */
function whyOf(state: RampState, nowMs: number): string {
  const { phase, cause, isWell, settings, elapsed, percent } = state
  switch (phase) {
    case 'waiting': {
      if (!isWell) return `waits until it is well: ${cause}`
      const asked = askFailback(settings.failback, elapsed.ms, nowMs)
      return asked.type === 'later' ? asked.words : 'well'
    }
    case 'held': {
      const then = state.isPausing ? ', then paused by an operator' : ''
      return `held for another ${seconds(remainingMsOf(state))} after a hard breach: ${cause}${then}`
    }
    case 'paused':
      return `paused by an operator at ${percent} %${isWell ? '' : `, and not well: ${cause}`}`
    case 'stepping':
      return stepWords(state, nowMs)
    case 'done':
      return 'all steps are taken'
    case 'aborted':
      return cause
  }
}

function stepWords(state: RampState, nowMs: number): string {
  const { at, percent, cause, settings } = state
  const remaining = seconds(remainingMsOf(state))
  if (state.isLeaving) return `${cause}: goes back from ${percent} %, next in ${remaining}`
  if (at < 0) return `at 0 %: the first step in ${remaining}`
  const said = admissionOf(state)?.said ?? ''
  const kept = said === '' ? '' : `; ${said}`
  const step = `step ${at + 1} of ${settings.ramp.steps.length} at ${percent} %: ${progress(state, nowMs)}${kept}`
  if (cause === '') return step
  const back = `back to ${state.backTo} %: ${cause}`
  return at < state.setbackAt ? `${back}; ${step}` : `${step}; before, ${back}`
}

function progress(state: RampState, nowMs: number): string {
  const { measured, unmeasured, settings, elapsed } = state
  const remainingMs = remainingMsOf(state)
  const dwell = remainingMs > 0 ? `, for another ${seconds(remainingMs)} at least` : ''
  if (unmeasured !== '') return `it could not be measured: ${unmeasured}`
  const settleMs = windowSinceMs(state) - nowMs
  if (!measured && settleMs > 0) return `counts begin in ${seconds(settleMs)}${dwell}`
  if (!measured) return `nothing measured yet${dwell}`
  const { type, words } = judge(settings.ramp.gate, measured)
  if (type !== 'few' || remainingMs > 0) return `${words}${dwell}`
  const longestMs = Math.max(0, settings.ramp.longestWait - elapsed.ms)
  return `${words}; the step is taken without in ${seconds(longestMs)}`
}
