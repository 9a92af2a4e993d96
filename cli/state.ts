import { type Outcome, parseCommand } from './command.ts'
import { MOVE_OPTIONS, MOVE_USAGE, sendMove, toMs } from './move.ts'
import { toMoment } from './table.ts'

export const STATE_USAGE = `portolan state origin|pool ID ready|drain|maintenance --reason TEXT [options]
  Takes an origin or a pool out, or back in. "drain" takes no new clients and keeps those it has until the
  drainTimeout of the pool is over (see portolan drained), "maintenance" moves everybody at once.
  --for 2h, --until T    Ends by itself: after so long, or at a moment such as 2026-11-21T22:30:00Z
  --from T               Begins then: a window planned ahead, with --for or --until
  --ramp ID              A drain leaves by the steps of this ramp, not at once
${MOVE_USAGE}`

/** `portolan state`. */
export async function runState(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...MOVE_OPTIONS,
    for: { type: 'string' },
    until: { type: 'string' },
    from: { type: 'string' },
    ramp: { type: 'string' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [STATE_USAGE] }
  const [kind, id, state, ...more] = parsed.positionals
  if (id === undefined || state === undefined || more.length > 0) {
    return wrong('state takes origin or pool, an id and a state')
  }
  if (kind !== 'origin' && kind !== 'pool') return wrong(`"${kind}" is neither origin nor pool`)
  const { reason, ramp } = values
  if (reason === undefined) return wrong('--reason is missing: whoever looks next needs it')
  const span = toWindow(values)
  if (!span.ok) return wrong(span.error)
  const body = { state, reason, ...span.window, ...(ramp !== undefined && { ramp }) }
  const path = `/v1/${kind}s/${encodeURIComponent(id)}/state`
  return sendMove({ method: 'PUT', path, body }, values, wrong)
}

interface Typed {
  readonly for?: string | undefined
  readonly until?: string | undefined
  readonly from?: string | undefined
}

type Span =
  | { readonly ok: true; readonly window: object }
  | { readonly ok: false; readonly error: string }

/** What the admin API calls "until" or "window". */
function toWindow({ for: length, until, from }: Typed): Span {
  if (length !== undefined && until !== undefined) {
    return { ok: false, error: '--for and --until say the same: give one of them' }
  }
  if (from !== undefined && Number.isNaN(Date.parse(from))) {
    return { ok: false, error: `--from takes a moment such as 2026-11-21T22:30:00Z, not "${from}"` }
  }
  let end = until
  if (length !== undefined) {
    const ms = toMs(length)
    if (ms === undefined) return { ok: false, error: `--for takes 30m, 2h or 1d, not "${length}"` }
    end = toMoment((from === undefined ? Date.now() : Date.parse(from)) + ms)
  }
  if (from === undefined) return { ok: true, window: end === undefined ? {} : { until: end } }
  if (end === undefined) return { ok: false, error: '--from needs --for or --until' }
  return { ok: true, window: { window: { from, until: end } } }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', STATE_USAGE] }
}
