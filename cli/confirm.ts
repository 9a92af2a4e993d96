import { type Outcome, parseCommand } from './command.ts'
import { sendMove } from './move.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE } from './router-api.ts'

export const CONFIRM_USAGE = `portolan confirm ID [options]
  Lets a change stay that would revert by itself. IDs: portolan confirmations.
${ROUTER_USAGE}`

/** `portolan confirm`. */
export async function runConfirm(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, ROUTER_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [CONFIRM_USAGE] }
  const [id, ...more] = parsed.positionals
  if (id === undefined || more.length > 0) return wrong('confirm takes one id')
  const path = `/v1/confirmations/${encodeURIComponent(id)}`
  return sendMove({ method: 'POST', path }, values, wrong)
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', CONFIRM_USAGE] }
}
