import { duration } from '../src/schema/duration.ts'
import type { AdminQuestion } from './admin-call.ts'
import type { Outcome } from './command.ts'
import {
  ROUTER_OPTIONS,
  ROUTER_USAGE,
  askRouter,
  readApi,
  type RouterValues,
} from './router-api.ts'
import { describeDrain } from './standing-words.ts'
import { toMoment, toPercent } from './table.ts'
import { ShownMove } from './traffic-shapes.ts'

/** The options of every command that moves traffic. */
export const MOVE_OPTIONS = {
  ...ROUTER_OPTIONS,
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
  override: { type: 'boolean' },
  'confirm-within': { type: 'string' },
} as const

/** What the usage of every command that moves traffic ends with. */
export const MOVE_USAGE = `  --reason TEXT          Why: the audit log and whoever looks next read it
  --dry-run              Says what would become of it, and changes nothing
  --override             Goes past the interlocks; takes a token with the scope "admin"
  --confirm-within 5m    Reverts by itself unless it is confirmed: portolan confirm ID
${ROUTER_USAGE}`

/** What was given for the options. */
export interface MoveValues extends RouterValues {
  readonly json?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
  readonly override?: boolean | undefined
  readonly 'confirm-within'?: string | undefined
}

/** A change of traffic as the admin API takes it, without what every one of them takes. */
export type Move = Pick<AdminQuestion, 'method' | 'path' | 'body'>

/** Asks a router to move traffic, and tells what became of it. `wrong` tells of what was typed. */
export async function sendMove(
  move: Move,
  values: MoveValues,
  wrong: (message: string) => Outcome,
): Promise<Outcome> {
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const query = new URLSearchParams({
    ...(values['dry-run'] === true && { dryRun: 'true' }),
    ...(values.override === true && { override: 'true' }),
    ...(values['confirm-within'] !== undefined && { confirmWithin: values['confirm-within'] }),
  }).toString()
  const path =
    query === '' ? move.path : `${move.path}${move.path.includes('?') ? '&' : '?'}${query}`
  const told = await askRouter(read.api, { ...move, path }, ShownMove)
  if (!told.ok) return told.outcome
  if (values.json === true) return { code: 0, lines: [JSON.stringify(told.value, undefined, 2)] }
  return { code: 0, lines: describeMove(told.value) }
}

function describeMove(move: ShownMove): readonly string[] {
  const { outcome, dryRun, generation, published, revision, ramp, drain, confirmation, overrode } =
    move
  const way = published ? 'stands in the store already' : 'is on its way to the store'
  const done = `done: generation ${generation} ${way}; the configuration is revision ${revision}`
  return [
    outcome === 'unchanged' ? 'nothing changes: it is so already' : dryRun ? WOULD : done,
    ...(ramp ? [`ramp ${ramp.id}: ${ramp.phase} at ${toPercent(ramp.percent)}, ${ramp.why}`] : []),
    ...(drain ? [`${describeDrain(drain)}; what is left: portolan drained`] : []),
    ...overrode.map(describeOverrode),
    ...(confirmation
      ? [`reverts at ${toMoment(confirmation.dueAtMs)} unless: portolan confirm ${confirmation.id}`]
      : []),
  ]
}

function describeOverrode({ type, route, part }: ShownMove['overrode'][number]): string {
  const whose = part === undefined ? `route "${route}"` : `the ${part} of route "${route}"`
  return `went past the interlock "${type}" of ${whose}`
}

const WOULD = 'this would be done; nothing was changed'

const Longest = duration({ min: '1s', max: '90d' })

/** How long something is to last, in milliseconds; undefined for what is no duration. */
export function toMs(text: string): number | undefined {
  const parsed = Longest.safeParse(text)
  return parsed.success ? parsed.data : undefined
}

/** Weights as they are typed, `us=70 eu=30`; or what is wrong with them. */
export function toWeights(
  typed: readonly string[],
):
  | { readonly ok: true; readonly weights: Record<string, number> }
  | { readonly ok: false; readonly error: string } {
  const weights: Record<string, number> = {}
  for (const pair of typed) {
    const { pool, weight } = /^(?<pool>[^=]+)=(?<weight>\d+(\.\d+)?)$/.exec(pair)?.groups ?? {}
    if (pool === undefined) return { ok: false, error: `a weight is written us=70, not "${pair}"` }
    if (Object.hasOwn(weights, pool)) return { ok: false, error: `"${pool}" has two weights` }
    weights[pool] = Number(weight)
  }
  if (typed.length === 0) return { ok: false, error: 'no weights: us=70 eu=30' }
  return { ok: true, weights }
}
