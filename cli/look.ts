import * as z from 'zod'
import type { AdminApi } from './admin-call.ts'
import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, type Told, askRouter, readApi } from './router-api.ts'
import {
  describeDrain,
  describeOverride,
  describeRamp,
  describeShedding,
} from './standing-words.ts'
import { toPercent, toSpan, toTable } from './table.ts'
import {
  ShownConfirmation,
  type ShownOrigin,
  ShownOrigin as Origin,
  ShownPool,
  ShownReceiver,
  ShownRamp,
} from './traffic-shapes.ts'

export const LOOK_USAGE = `portolan origins|pools|ramps|shifts|confirmations|notifications [--to URL] [--token T] [--json]
  Shows how traffic stands now, and why.
${ROUTER_USAGE}`

/** A list of the admin API, and how it is laid out. */
interface List<Item> {
  readonly path: string
  readonly item: z.ZodType<Item>
  readonly heads: readonly string[]
  readonly none: string
  toRow(item: Item, nowMs: number): readonly string[]
}

/** `portolan origins`: every origin with its health, its share and the reason for both. */
export const runOrigins = look<ShownOrigin>({
  path: '/v1/origins',
  item: Origin,
  heads: ['ORIGIN', 'POOL', 'HEALTH', 'FOR', 'STATE', 'SHARE', 'OPEN', 'WHY'],
  none: 'the configuration has no origins',
  toRow: (origin, nowMs) => [
    origin.id,
    origin.pool,
    origin.health,
    origin.sinceMs === 0 ? '' : toSpan(nowMs - origin.sinceMs),
    origin.state,
    isServing(origin) ? toPercent((origin.sharePercent * origin.poolSharePercent) / 100) : '-',
    origin.connections === undefined ? '?' : String(origin.connections),
    join([
      origin.evidence,
      describePoolShare(origin),
      origin.ramp && describeRamp(origin.ramp),
      origin.override && describeOverride(origin.override),
      origin.isRemoved === true ? 'removed from the configuration' : undefined,
      origin.drain && describeDrain(origin.drain),
    ]),
  ],
})

/** `portolan pools`. */
export const runPools = look({
  path: '/v1/pools',
  item: ShownPool,
  heads: ['POOL', 'USABLE', 'NEEDS', 'STATE', 'SHARE', 'WHY'],
  none: 'the configuration has no pools',
  toRow: (pool) => [
    pool.id,
    `${pool.usable} of ${pool.origins.length}`,
    String(pool.minimumOrigins),
    pool.isDown ? 'DOWN' : pool.state,
    toPercent(pool.sharePercent),
    join([
      pool.ramp && describeRamp(pool.ramp),
      pool.override && describeOverride(pool.override),
      pool.shedding && describeShedding(pool.shedding),
      pool.drain && describeDrain(pool.drain),
      pool.leaving && `${pool.leaving.join(', ')} removed and draining`,
    ]),
  ],
})

/** `portolan ramps`. */
export const runRamps = look(rampList('/v1/ramps', 'nothing is on a ramp'))

/** `portolan shifts`. */
export const runShifts = look(rampList('/v1/shifts', 'no shift runs, and none ended of late'))

/** `portolan confirmations`. */
export const runConfirmations = look({
  path: '/v1/confirmations',
  item: ShownConfirmation,
  heads: ['ID', 'REVERTS IN', 'BY', 'WHAT'],
  none: 'no change waits to be confirmed',
  toRow: ({ id, dueAtMs, by, action }, nowMs) => [id, toSpan(dueAtMs - nowMs), by, action],
})

/** `portolan notifications`: who is told, and how telling goes. */
export const runNotifications = look({
  path: '/v1/notifications',
  item: ShownReceiver,
  heads: ['ID', 'TYPE', 'TOLD', 'WAITING', 'DROPPED', 'LAST TOLD', 'LAST ERROR'],
  none: 'the configuration has no notifications',
  toRow: (receiver, nowMs) => [
    receiver.id,
    receiver.type,
    String(receiver.delivered),
    String(receiver.pending),
    String(receiver.dropped),
    receiver.deliveredAtMs === undefined ? '' : `${toSpan(nowMs - receiver.deliveredAtMs)} ago`,
    receiver.lastError === undefined
      ? ''
      : `${toSpan(nowMs - receiver.lastError.atMs)} ago: ${receiver.lastError.why}`,
  ],
})

function describePoolShare({ pool, poolSharePercent }: ShownOrigin): string | undefined {
  return poolSharePercent < 100 ? `pool ${pool} has ${toPercent(poolSharePercent)}` : undefined
}

/** What takes no new clients has no share to speak of, whatever its ramp would give it. */
function isServing({ health, state }: ShownOrigin): boolean {
  return health !== 'unhealthy' && state === 'ready'
}

function rampList(path: string, none: string): List<ShownRamp> {
  return {
    path,
    item: ShownRamp,
    heads: ['RAMP', 'USE', 'PHASE', 'AT', 'STEPS', 'FOR', 'WHY'],
    none,
    toRow: (ramp, nowMs) => [
      ramp.id,
      ramp.use,
      ramp.phase,
      toPercent(ramp.percent),
      ramp.steps.join('/'),
      toSpan(nowMs - ramp.sinceMs),
      ramp.why,
    ],
  }
}

function look<Item>(list: List<Item>): (args: readonly string[]) => Promise<Outcome> {
  return async (args) => {
    const parsed = parseCommand(args, ROUTER_OPTIONS)
    if (!parsed.ok) return wrong(parsed.error)
    const { values, positionals } = parsed
    if (values.help === true) return { code: 0, lines: [LOOK_USAGE] }
    if (positionals.length > 0) return wrong(`takes no "${positionals.join(' ')}"`)
    const read = readApi(values)
    if (!read.ok) return wrong(read.error)
    const told = await readAll(read.api, list)
    if (!told.ok) return told.outcome
    const items = told.value
    if (values.json === true) return { code: 0, lines: [JSON.stringify(items, undefined, 2)] }
    if (items.length === 0) return { code: 0, lines: [list.none] }
    const rows = items.map((item) => list.toRow(item, Date.now()))
    return { code: 0, lines: toTable(list.heads, rows) }
  }
}

/** 5,000 origins are 50 pages; a list that never ends is a mistake of somebody. */
const MOST_PAGES = 100

async function readAll<Item>(api: AdminApi, list: List<Item>): Promise<Told<Item[]>> {
  const page = z.looseObject({ items: z.array(list.item), next: z.string().optional() })
  const items: Item[] = []
  let query = ''
  for (let at = 0; at < MOST_PAGES; at += 1) {
    const told = await askRouter(api, { method: 'GET', path: `${list.path}${query}` }, page)
    if (!told.ok) return told
    items.push(...told.value.items)
    if (told.value.next === undefined) break
    query = `?after=${encodeURIComponent(told.value.next)}`
  }
  return { ok: true, value: items }
}

function join(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('; ')
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', LOOK_USAGE] }
}
