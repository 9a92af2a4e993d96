import * as z from 'zod'
import { SessionReport, SessionTotals } from '../src/schema/session.ts'
import type { AdminQuestion } from './admin-call.ts'
import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { toMoment, toSpan, toTable } from './table.ts'

export const SESSIONS_USAGE = `portolan sessions [--to URL] [--token T] [--json]
  Counts the durable sessions by origin.
${ROUTER_USAGE}`

export const SESSION_USAGE = `portolan session KEY --route ROUTE [--move ORIGIN | --end]
  Tells where a client belongs whose session is durable; moves it, or ends it.
  KEY                    The value of its header, its address, or the id in its cookie
  --move ORIGIN          It belongs there from now on; also before it ever came
  --end                  It is bound anew, and what was kept with its session is gone
${ROUTER_USAGE}`

// An answer may have more than this release knows.
const Totals = z.looseObject(SessionTotals.shape)
const Session = z.looseObject(SessionReport.shape)

/** `portolan sessions`. */
export async function runSessions(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, ROUTER_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error, SESSIONS_USAGE)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [SESSIONS_USAGE] }
  if (positionals.length > 0) {
    return wrong('sessions counts all of them; of one tells: portolan session', SESSIONS_USAGE)
  }
  const read = readApi(values)
  if (!read.ok) return wrong(read.error, SESSIONS_USAGE)
  const told = await askRouter(read.api, { method: 'GET', path: '/v1/sessions' }, Totals)
  if (!told.ok) return told.outcome
  const lines =
    values.json === true ? [JSON.stringify(told.value, undefined, 2)] : describeTotals(told.value)
  return { code: 0, lines }
}

/** `portolan session`. */
export async function runSession(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...ROUTER_OPTIONS,
    route: { type: 'string' },
    move: { type: 'string' },
    end: { type: 'boolean' },
  })
  if (!parsed.ok) return wrong(parsed.error, SESSION_USAGE)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [SESSION_USAGE] }
  const [key, ...more] = parsed.positionals
  if (key === undefined || more.length > 0) return wrong('session takes one key', SESSION_USAGE)
  const { route, move, end = false } = values
  if (route === undefined) return wrong('--route is missing: a key is of one route', SESSION_USAGE)
  if (end && move !== undefined) return wrong('give --move or --end, not both', SESSION_USAGE)
  const read = readApi(values)
  if (!read.ok) return wrong(read.error, SESSION_USAGE)
  const path = `/v1/sessions/${encodeURIComponent(key)}?route=${encodeURIComponent(route)}`
  if (end) {
    const ended = await askRouter(read.api, { method: 'DELETE', path }, z.unknown())
    return ended.ok ? { code: 0, lines: [`done: it is over; ${HEARD}`] } : ended.outcome
  }
  const question: AdminQuestion =
    move === undefined ? { method: 'GET', path } : { method: 'PUT', path, body: { origin: move } }
  const told = await askRouter(read.api, question, Session)
  if (!told.ok) return told.outcome
  if (values.json === true) return { code: 0, lines: [JSON.stringify(told.value, undefined, 2)] }
  const done = move === undefined ? [] : [`done: it belongs to ${move}; ${HEARD}`]
  return { code: 0, lines: [...done, ...describeSession(told.value)] }
}

const HEARD = 'isolates that know it hear of it within 30 s'

function describeTotals(totals: z.output<typeof Totals>): readonly string[] {
  const { sessions, origins, shards, expired, evicted, missing } = totals
  const rows = Object.entries(origins)
    .toSorted(([, left], [, right]) => right - left)
    .map(([origin, count]) => [origin, String(count)])
  const gone = `${expired} ended by themselves, ${evicted} had to go because a shard was full`
  return [
    ...(rows.length > 0 ? toTable(['ORIGIN', 'SESSIONS'], rows) : []),
    `${sessions} in ${shards} shards; ${gone}`,
    ...(missing === undefined ? [] : [`not counted: ${missing}`]),
  ]
}

function describeSession(session: z.output<typeof Session>): readonly string[] {
  const { origin, boundAtMs, usedAtMs, expiresAtMs, data, shard } = session
  return [
    `origin   ${origin}, since ${toMoment(boundAtMs)}`,
    `used     ${toSpan(Date.now() - usedAtMs)} ago, as far as it was written down`,
    `ends     ${toMoment(expiresAtMs)} unless it is used`,
    `shard    ${shard}`,
    ...(data === undefined ? [] : [`data     ${JSON.stringify(data)}`]),
  ]
}

function wrong(message: string, usage: string): Outcome {
  return { code: 1, lines: [message, '', usage] }
}
