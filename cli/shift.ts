import { type Outcome, parseCommand } from './command.ts'
import { MOVE_OPTIONS, MOVE_USAGE, sendMove, toWeights } from './move.ts'

export const SHIFT_USAGE = `portolan shift ROUTE us=30 eu=70 [--ramp ID] [options]
  Moves the weights of a route by the steps of a ramp, each of which waits for its gate. At once: portolan weights.
${MOVE_USAGE}`

/** `portolan shift`. */
export async function runShift(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, { ...MOVE_OPTIONS, ramp: { type: 'string' } })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [SHIFT_USAGE] }
  const [route, ...pairs] = parsed.positionals
  if (route === undefined) return wrong('shift takes a route and the weight of each pool')
  const read = toWeights(pairs)
  if (!read.ok) return wrong(read.error)
  const { ramp, reason = '' } = values
  const body = { route, to: read.weights, reason, ...(ramp !== undefined && { ramp }) }
  return sendMove({ method: 'POST', path: '/v1/shifts', body }, values, wrong)
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', SHIFT_USAGE] }
}
