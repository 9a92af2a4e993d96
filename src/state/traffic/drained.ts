import type { DrainReport, DrainView } from '../../schema/traffic.ts'
import type { Passing } from '../health/traffic.ts'

/** So long nothing may have come before a drain counts as over: every isolate reports within that time. */
export const QUIET_MS = 30_000

/** What the object of one origin says is left there. */
export interface Left {
  readonly connections: number
  readonly passing: Passing
}

/** What is known of the rest of a drain, beside its times. */
export interface Rest {
  /** One for each origin that drains. */
  readonly left: readonly Left[]
  /** Sessions that the session objects keep there; undefined where no route keeps any in them. */
  readonly sessions?: number | undefined
  /** Whether clients may come back of whom nobody knows: those who carry their own bond in a cookie. */
  readonly mayReturn: boolean
  /** Why something is not known, if so: then nobody can say that it is over. */
  readonly missing?: string | undefined
}

/**
 * What a drain still waits for. It is over when nothing is open, nothing came for half a minute, and nobody may
 * come back: no session is kept there, and nobody carries a bond in a cookie, or the time of the drain is over.
 */
export function toDrainReport(times: DrainView, rest: Rest, nowMs: number): DrainReport {
  const { left, sessions, missing } = rest
  const connections = sum(left.map((each) => each.connections))
  const requestsPerMinute = sum(left.map(({ passing }) => passing.perMinute))
  const isTimeOver = times.untilMs <= nowMs
  const mayReturn = !isTimeOver && (rest.mayReturn || (sessions ?? 0) > 0)
  const quietMs = Math.max(0, nowMs - latestOf(times, left))
  const isQuiet = connections === 0 && quietMs >= QUIET_MS
  const counted = { connections, requestsPerMinute, ...(sessions !== undefined && { sessions }) }
  return {
    ...times,
    drained: missing === undefined && isQuiet && !mayReturn,
    left: missing ?? wordsOf(counted, { quietMs: isQuiet ? undefined : quietMs, mayReturn }),
    ...(missing === undefined && counted),
  }
}

/** The moment from which on it is known that nothing came. */
function latestOf({ fromMs }: DrainView, left: readonly Left[]): number {
  const times = left.flatMap(({ passing }) => [passing.knownSinceMs, passing.lastAtMs ?? 0])
  return Math.max(fromMs, ...times)
}

interface Counted {
  readonly connections: number
  readonly requestsPerMinute: number
  readonly sessions?: number
}

interface Silence {
  /** Undefined when that is long enough. */
  readonly quietMs: number | undefined
  readonly mayReturn: boolean
}

function wordsOf(
  { connections, requestsPerMinute, sessions = 0 }: Counted,
  { quietMs, mayReturn }: Silence,
): string {
  const parts = [
    count(connections, 'open connection'),
    count(requestsPerMinute, 'request', ' in the last minute'),
    count(sessions, 'session'),
  ].filter((part) => part !== '')
  if (parts.length > 0) return parts.join(', ')
  if (quietMs !== undefined) {
    return `nothing for ${Math.floor(quietMs / 1000)} s of ${QUIET_MS / 1000} s`
  }
  return mayReturn ? 'nothing now, but clients with a cookie may come back' : 'nothing'
}

function count(number: number, what: string, when = ''): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}${when}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
