import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { type Outcome, parseCommand } from './command.ts'
import { describeDrain } from './standing-words.ts'
import { toMs } from './move.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { ShownDrain } from './traffic-shapes.ts'

export const DRAINED_USAGE = `portolan drained origin|pool ID [--within 10m] [--to URL] [--token T] [--json]
  Says what a drain still waits for; succeeds when nothing is left, and with --within waits for that.
${ROUTER_USAGE}`

/** How long between two looks. */
const PAUSE_MS = 5000

const Drained = z.looseObject({
  state: z.string(),
  drain: ShownDrain.optional(),
  connections: z.number().default(0),
})
type Drained = z.output<typeof Drained>

/** `portolan drained`: for scripts that take something away when nobody is there any more. */
export async function runDrained(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, { ...ROUTER_OPTIONS, within: { type: 'string' } })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [DRAINED_USAGE] }
  const [kind, id, ...more] = parsed.positionals
  if (kind !== 'origin' && kind !== 'pool') return wrong('drained takes origin or pool, and an id')
  if (id === undefined || more.length > 0) return wrong('drained takes one id')
  const withinMs = values.within === undefined ? 0 : toMs(values.within)
  if (withinMs === undefined) return wrong(`--within takes 30s, 10m or 2h, not "${values.within}"`)
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const question = { method: 'GET', path: `/v1/${kind}s/${encodeURIComponent(id)}` } as const
  for (let leftMs = withinMs; ; leftMs -= PAUSE_MS) {
    // One look after the other is the point of it.
    const told = await askRouter(read.api, question, Drained)
    if (!told.ok) return told.outcome
    const isOver = isDrained(told.value)
    if (isOver || !isOnItsWay(told.value) || leftMs <= 0) {
      const lines = values.json === true ? [JSON.stringify(told.value)] : [describe(told.value)]
      return { code: isOver ? 0 : 1, lines }
    }
    await wait(Math.min(PAUSE_MS, leftMs))
  }
}

/** To what is in maintenance nobody is sent: what was under way there before is all that it waits for. */
function isDrained({ state, drain, connections }: Drained): boolean {
  return drain?.drained === true || (state === 'maintenance' && connections === 0)
}

function isOnItsWay({ state, drain }: Drained): boolean {
  return drain !== undefined || state === 'maintenance'
}

function describe({ state, drain, connections }: Drained): string {
  if (drain !== undefined) return describeDrain(drain)
  if (state !== 'maintenance') return `it is ${state}`
  const left = connections === 0 ? '' : `; still open: ${connections}`
  return `in maintenance: nobody is sent there${left}`
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', DRAINED_USAGE] }
}
