import { type Outcome, parseCommand } from './command.ts'
import { MOVE_OPTIONS, MOVE_USAGE, type MoveValues, sendMove, toMs } from './move.ts'
import { toMoment } from './table.ts'

export const SHED_USAGE = `portolan shed POOL --new PERCENT --reason TEXT [options] | portolan shed POOL --end
  Takes load off a pool: that part of its clients goes to the next pool, or gets a 503 where there is none.
  --new 50               Percent of the clients without a session there
  --sessions 10          Percent of those with one
  --by hash|random       The same clients each time (default), or each request anew
  --for 2h, --until T    Ends by itself: after so long, or at a moment such as 2026-11-21T22:30:00Z
  --end                  Gives all of it back
${MOVE_USAGE}`

/** `portolan shed`. */
export async function runShed(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...MOVE_OPTIONS,
    new: { type: 'string' },
    sessions: { type: 'string' },
    by: { type: 'string' },
    for: { type: 'string' },
    until: { type: 'string' },
    end: { type: 'boolean' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [SHED_USAGE] }
  const [pool, ...more] = parsed.positionals
  if (pool === undefined || more.length > 0) return wrong('shed takes the id of a pool')
  const path = `/v1/pools/${encodeURIComponent(pool)}/shedding`
  if (values.end === true) return endAll(path, values)
  const asked = toBody(values)
  return asked.ok
    ? sendMove({ method: 'PUT', path, body: asked.body }, values, wrong)
    : wrong(asked.error)
}

/** What is taken off is given back whole: an option that says how much or how long means something else. */
function endAll(path: string, values: Typed & MoveValues): Outcome | Promise<Outcome> {
  const { reason } = values
  const others = (['new', 'sessions', 'by', 'for', 'until'] as const).filter((name) => values[name])
  if (others.length > 0) return wrong(`--end gives all of it back: leave out --${others[0]}`)
  const query = reason === undefined ? '' : `?${new URLSearchParams({ reason }).toString()}`
  return sendMove({ method: 'DELETE', path: path + query }, values, wrong)
}

interface Typed {
  readonly new?: string | undefined
  readonly sessions?: string | undefined
  readonly by?: string | undefined
  readonly for?: string | undefined
  readonly until?: string | undefined
  readonly reason?: string | undefined
}

type Asked =
  | { readonly ok: true; readonly body: object }
  | { readonly ok: false; readonly error: string }

/** What the admin API takes; the ranges of the numbers are its business. */
function toBody(typed: Typed): Asked {
  const { reason, by, until, for: length } = typed
  if (reason === undefined) return failed('--reason is missing: whoever looks next needs it')
  if (length !== undefined && until !== undefined) {
    return failed('--for and --until say the same: give one of them')
  }
  const [newPercent, sessionPercent] = [toNumber(typed.new), toNumber(typed.sessions)]
  if (newPercent === undefined && sessionPercent === undefined) {
    return failed('nothing to shed: --new and --sessions take a percent, --end gives it back')
  }
  if (Number.isNaN(newPercent) || Number.isNaN(sessionPercent)) {
    return failed('--new and --sessions take a percent such as 50')
  }
  const lastsMs = length === undefined ? undefined : toMs(length)
  if (length !== undefined && lastsMs === undefined) {
    return failed(`--for takes 30m, 2h or 1d, not "${length}"`)
  }
  const end = lastsMs === undefined ? until : toMoment(Date.now() + lastsMs)
  const body = {
    ...(newPercent !== undefined && { newPercent }),
    ...(sessionPercent !== undefined && { sessionPercent }),
    ...(by !== undefined && { by }),
    ...(end !== undefined && { until: end }),
    reason,
  }
  return { ok: true, body }
}

function toNumber(typed: string | undefined): number | undefined {
  return typed === undefined ? undefined : Number(typed.trim() === '' ? Number.NaN : typed)
}

function failed(error: string): Asked {
  return { ok: false, error }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', SHED_USAGE] }
}
