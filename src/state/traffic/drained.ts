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
  /** Why something is not known, if so: then nobody can say that it is over. */
  readonly missing?: string | undefined
}

/**
 * What a drain still waits for. It is over when nothing is open and nothing came for half a minute; a client that
 * carries its own bond in a cookie may be silent for longer, and comes back until the time of the drain is over.
 */
export function toDrainReport(times: DrainView, rest: Rest, nowMs: number): DrainReport {
  const { left, sessions, missing } = rest
  const connections = sum(left.map((each) => each.connections))
  const requestsPerMinute = sum(left.map(({ passing }) => passing.perMinute))
  const hasSessions = sessions !== undefined && sessions > 0 && times.untilMs > nowMs
  const quietMs = Math.max(0, nowMs - latestOf(times, left))
  const isQuiet = connections === 0 && quietMs >= QUIET_MS
  const counted = { connections, requestsPerMinute, ...(sessions !== undefined && { sessions }) }
  return {
    ...times,
    drained: missing === undefined && isQuiet && !hasSessions,
    left: missing ?? wordsOf(counted, isQuiet ? undefined : quietMs),
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

function wordsOf(
  { connections, requestsPerMinute, sessions = 0 }: Counted,
  quietMs: number | undefined,
): string {
  const parts = [
    count(connections, 'open connection'),
    count(requestsPerMinute, 'request', ' in the last minute'),
    count(sessions, 'session'),
  ].filter((part) => part !== '')
  if (parts.length > 0) return parts.join(', ')
  return quietMs === undefined
    ? 'nothing'
    : `nothing for ${Math.floor(quietMs / 1000)} s of ${QUIET_MS / 1000} s`
}

function count(number: number, what: string, when = ''): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}${when}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
