import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { toTable } from './table.ts'
import { ShownTrials } from './traffic-shapes.ts'

export const PROBE_USAGE = `portolan probe ORIGIN [options]
  Probes an origin now from every region, by the monitors of its pool, and shows what each one saw. Exit 1 when one
  of them failed. Changes no health.
${ROUTER_USAGE}`

/** `portolan probe`. */
export async function runProbe(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, ROUTER_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [PROBE_USAGE] }
  const [id, ...more] = parsed.positionals
  if (id === undefined || more.length > 0) return wrong('probe takes one origin')
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const path = `/v1/origins/${encodeURIComponent(id)}/probe`
  const told = await askRouter(read.api, { method: 'POST', path }, ShownTrials)
  if (!told.ok) return told.outcome
  const { items, unreachable } = told.value
  const isWell = unreachable.length === 0 && items.every(({ ok }) => ok)
  const code = isWell ? 0 : 1
  if (values.json === true) return { code, lines: [JSON.stringify(told.value, undefined, 2)] }
  const rows = items.map((trial) => [
    trial.region,
    trial.monitor,
    trial.ok ? 'ok' : 'FAILED',
    `${Math.round(trial.latencyMs)} ms`,
    trial.status === undefined ? '' : String(trial.status),
    trial.detail,
  ])
  const lost = unreachable.map(({ region, detail }) => [region, '', 'UNKNOWN', '', '', detail])
  const heads = ['REGION', 'MONITOR', 'RESULT', 'TOOK', 'STATUS', 'WHY']
  return { code, lines: toTable(heads, [...rows, ...lost]) }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', PROBE_USAGE] }
}
