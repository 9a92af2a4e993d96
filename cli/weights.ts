import { type Outcome, parseCommand } from './command.ts'
import { MOVE_OPTIONS, MOVE_USAGE, sendMove, toWeights } from './move.ts'

export const WEIGHTS_USAGE = `portolan weights ROUTE us=70 eu=30 [options]
  Gives a route other weights at once, everywhere within ten seconds. By steps: portolan shift.
${MOVE_USAGE}`

/** `portolan weights`. */
export async function runWeights(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, MOVE_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [WEIGHTS_USAGE] }
  const [route, ...pairs] = parsed.positionals
  if (route === undefined) return wrong('weights takes a route and the weight of each pool')
  const read = toWeights(pairs)
  if (!read.ok) return wrong(read.error)
  const body = { weights: read.weights, reason: values.reason ?? '' }
  const path = `/v1/routes/${encodeURIComponent(route)}/weights`
  return sendMove({ method: 'PUT', path, body }, values, wrong)
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', WEIGHTS_USAGE] }
}
