import * as z from 'zod'
import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'

export const NOTIFY_USAGE = `portolan notify ID [options]
  Sends a test message by a notification of the configuration, and says what became of it. Exit 1 when it was not
  delivered. IDs: portolan notifications.
${ROUTER_USAGE}`

const ShownDelivery = z.looseObject({
  outcome: z.enum(['delivered', 'failed']),
  why: z.string().optional(),
})

/** `portolan notify`. */
export async function runNotify(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, ROUTER_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [NOTIFY_USAGE] }
  const [id, ...more] = parsed.positionals
  if (id === undefined || more.length > 0) return wrong('notify takes one id')
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const path = `/v1/notifications/${encodeURIComponent(id)}/test`
  const told = await askRouter(read.api, { method: 'POST', path }, ShownDelivery)
  if (!told.ok) return told.outcome
  const { outcome, why } = told.value
  const code = outcome === 'delivered' ? 0 : 1
  if (values.json === true) return { code, lines: [JSON.stringify(told.value, undefined, 2)] }
  return { code, lines: [code === 0 ? `${id}: delivered` : `${id}: not delivered: ${why ?? ''}`] }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', NOTIFY_USAGE] }
}
