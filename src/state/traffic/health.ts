import type { HealthReport } from '../../schema/report.ts'
import { type Step, chain } from './event.ts'
import { notice } from './notice.ts'
import { tellRamp } from './ramps.ts'
import { comeBack, settlePools } from './recovery.ts'
import { rampOf } from './standing.ts'
import { type KnownHealth, type TrafficState, withEntry } from './state.ts'

/**
 * Takes note of what the object of an origin says. A repeated or late report changes nothing, nor does one of
 * an origin that the configuration does not have. Out: unhealthy. Back: whatever else it is after that.
 */
export function takeHealth(state: TrafficState, report: HealthReport, nowMs: number): Step {
  const { origin, ...said } = report
  const known = state.origins[origin]
  const pool = state.plan?.poolOf[origin]
  if (known !== undefined && said.sequence <= known.sequence) return [state, []]
  if (state.plan !== null && pool === undefined) return [state, []]
  const next = { ...state, origins: withEntry(state.origins, origin, said) }
  const wasOut = known?.health === 'unhealthy'
  const isOut = said.health === 'unhealthy'
  if (wasOut === isOut) return [next, []]
  const move = isOut ? fallen : recovered
  return chain(
    next,
    (current) => move(current, { origin, said }, nowMs),
    (current) => settlePools(current, pool === undefined ? [] : [pool], nowMs),
  )
}

interface Turn {
  readonly origin: string
  readonly said: KnownHealth
}

function fallen(state: TrafficState, { origin, said }: Turn, nowMs: number): Step {
  const subject = { type: 'origin', id: origin } as const
  const news = {
    kind: 'health',
    severity: 'error',
    subject,
    title: `origin ${origin} is unhealthy`,
    text: said.evidence,
    dedupKey: `origin:${origin}`,
    resolves: false,
  } as const
  const told = notice(state, news, nowMs)
  if (rampOf(state, subject)?.use !== 'recovery') return [state, [told]]
  const event = { type: 'breach', why: said.evidence } as const
  const [next, effects] = tellRamp(state, `origin:${origin}`, { event, nowMs })
  return [next, [told, ...effects]]
}

function recovered(state: TrafficState, { origin, said }: Turn, nowMs: number): Step {
  const subject = { type: 'origin', id: origin } as const
  const news = {
    kind: 'health',
    severity: 'info',
    subject,
    title: `origin ${origin} may serve again: it is ${said.health}`,
    text: said.evidence,
    dedupKey: `origin:${origin}`,
    resolves: true,
  } as const
  const told = notice(state, news, nowMs)
  if (rampOf(state, subject)?.use === 'recovery') {
    const [next, effects] = tellRamp(state, `origin:${origin}`, { event: { type: 'well' }, nowMs })
    return [next, [told, ...effects]]
  }
  const [next, effects] = comeBack(state, { subject }, nowMs)
  return [next, [told, ...effects]]
}
