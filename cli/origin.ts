import { type Outcome, parseCommand } from './command.ts'
import { describeDrain, describeOverride, describeRamp } from './standing-words.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { toMoment, toPercent, toSpan, toTable } from './table.ts'
import { ShownOrigin } from './traffic-shapes.ts'

export const ORIGIN_USAGE = `portolan origin ID [options]
  Shows all that is known of an origin: its health and why, its share and why, what each region sees, its traffic.
${ROUTER_USAGE}`

/** `portolan origin`. */
export async function runOrigin(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, ROUTER_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [ORIGIN_USAGE] }
  const [id, ...more] = parsed.positionals
  if (id === undefined || more.length > 0) return wrong('origin takes one id')
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const path = `/v1/origins/${encodeURIComponent(id)}`
  const told = await askRouter(read.api, { method: 'GET', path }, ShownOrigin)
  if (!told.ok) return told.outcome
  const isRaw = values.json === true
  const lines = isRaw ? [JSON.stringify(told.value, undefined, 2)] : tell(told.value, Date.now())
  return { code: 0, lines }
}

function tell(origin: ShownOrigin, nowMs: number): readonly string[] {
  return [
    `${origin.id} in pool ${origin.pool}`,
    ...tellHealth(origin, nowMs),
    ...tellShare(origin),
    ...tellTraffic(origin),
    ...tellRegions(origin, nowMs),
  ]
}

function tellHealth({ health, evidence, sinceMs, holdsUntilMs }: ShownOrigin, nowMs: number) {
  const since = sinceMs === 0 ? '' : ` for ${toSpan(nowMs - sinceMs)}`
  const until = holdsUntilMs === undefined ? '' : `, at least until ${toMoment(holdsUntilMs)}`
  return [
    `health   ${health}${since}${until}`,
    ...(evidence === '' ? [] : [`         ${evidence}`]),
  ]
}

function tellShare(origin: ShownOrigin) {
  const { state, override, drain, isRemoved, sharePercent, poolSharePercent, ramp } = origin
  const because = override === undefined ? '' : ` (${describeOverride(override)})`
  const ofPool = poolSharePercent < 100 ? `, and its pool ${toPercent(poolSharePercent)}` : ''
  return [
    `state    ${state}${because}${isRemoved === true ? ', removed from the configuration' : ''}`,
    ...(drain === undefined ? [] : [`drain    ${describeDrain(drain)}`]),
    `share    ${toPercent(sharePercent)}${ofPool}`,
    ...(ramp === undefined ? [] : [`ramp     ${ramp.id}: ${describeRamp(ramp)}`]),
  ]
}

function tellTraffic({ passive, connections, missing }: ShownOrigin) {
  if (passive === undefined) return missing === undefined ? [] : [`traffic  unknown: ${missing}`]
  const { requests, failures, errors, windowMs, p95Ms, isolates, ejecting } = passive
  const speed = p95Ms === undefined ? '' : `, p95 ${Math.round(p95Ms)} ms`
  const counts = `${requests} requests in ${toSpan(windowMs)}: ${failures} failed, ${errors} other 5xx${speed}`
  const aside = ejecting === undefined ? '' : `; put aside by ${ejecting} of ${isolates} isolates`
  return [`traffic  ${counts}; ${connections ?? 0} open${aside}`]
}

function tellRegions({ regions = [] }: ShownOrigin, nowMs: number): readonly string[] {
  if (regions.length === 0) return []
  const rows = regions.map((each) => [
    each.region,
    each.monitor,
    each.void === undefined ? each.verdict : 'void',
    String(each.inARow),
    each.lastAtMs === undefined ? '' : `${toSpan(nowMs - each.lastAtMs)} ago`,
    each.lastLatencyMs === undefined ? '' : `${Math.round(each.lastLatencyMs)} ms`,
    each.void ?? each.lastDetail,
  ])
  return ['', ...toTable(['REGION', 'MONITOR', 'SAYS', 'IN A ROW', 'LAST', 'TOOK', 'WHY'], rows)]
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', ORIGIN_USAGE] }
}
