import { RampCommand } from '../src/schema/traffic-request.ts'
import { type Outcome, parseCommand } from './command.ts'
import { MOVE_OPTIONS, MOVE_USAGE, sendMove } from './move.ts'

export const RAMP_USAGE = `portolan ramp ID pause|resume|step-back|promote|abort [options]
  Tells a ramp what to do. "promote" takes the next step whatever the gate says. IDs: portolan ramps.
  --in-steps             Of abort: back step by step, not at once
${MOVE_USAGE}`

/** `portolan ramp`. */
export async function runRamp(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, { ...MOVE_OPTIONS, 'in-steps': { type: 'boolean' } })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [RAMP_USAGE] }
  const [id, typed, ...more] = parsed.positionals
  if (id === undefined || typed === undefined || more.length > 0) {
    return wrong('ramp takes an id and a command')
  }
  const command = RampCommand.safeParse(typed)
  if (!command.success) return wrong(`there is no command "${typed}" for a ramp`)
  const how = values['in-steps'] === true ? 'in-steps' : 'at-once'
  const body = { reason: values.reason ?? '', how }
  const path = `/v1/ramps/${encodeURIComponent(id)}/${command.data}`
  return sendMove({ method: 'POST', path, body }, values, wrong)
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', RAMP_USAGE] }
}
