import * as z from 'zod'
import { AffinityKeyView } from '../src/schema/affinity-key.ts'
import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { toMoment, toTable } from './table.ts'

export const AFFINITY_USAGE = `portolan affinity keys | portolan affinity rotate [--revoke] [--reason TEXT]
  Shows the keys that sign the cookies of affinity, or makes a new one.
  --revoke               The new key signs at once and the others are gone: all clients are bound anew
  --reason TEXT          Why: the audit log keeps it; --revoke asks for it
${ROUTER_USAGE}`

// An answer may have more than this release knows.
const Keys = z.looseObject({ items: z.array(z.looseObject(AffinityKeyView.shape)) })
const Rotated = z.looseObject({ ...Keys.shape, outcome: z.string() })
type Key = z.output<typeof Keys>['items'][number]

/** `portolan affinity`. */
export async function runAffinity(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...ROUTER_OPTIONS,
    revoke: { type: 'boolean' },
    reason: { type: 'string' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [AFFINITY_USAGE] }
  const [verb, ...more] = positionals
  const isKnown = verb === 'keys' || verb === 'rotate'
  if (!isKnown || more.length > 0) return wrong('affinity takes "keys" or "rotate"')
  const { revoke = false, reason } = values
  if (verb === 'keys' && (revoke || reason !== undefined)) {
    return wrong('--revoke and --reason go with "rotate"')
  }
  if (revoke && reason === undefined) {
    return wrong('--reason is missing: all clients are bound anew, and whoever looks next needs it')
  }
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const told =
    verb === 'keys'
      ? await askRouter(read.api, { method: 'GET', path: '/v1/affinity/keys' }, Keys)
      : await askRouter(read.api, rotation({ revoke, reason }), Rotated)
  if (!told.ok) return told.outcome
  if (values.json === true) return { code: 0, lines: [JSON.stringify(told.value, undefined, 2)] }
  const { items, outcome } = told.value
  const done = typeof outcome === 'string' ? [OUTCOMES[outcome] ?? outcome] : []
  return { code: 0, lines: [...done, ...describeKeys(items)] }
}

interface Rotation {
  readonly revoke: boolean
  readonly reason: string | undefined
}

function rotation({ revoke, reason }: Rotation) {
  const body = { revoke, ...(reason !== undefined && { reason }) }
  return { method: 'POST', path: '/v1/affinity/rotate', body } as const
}

const OUTCOMES: Readonly<Record<string, string>> = {
  rotated: 'done: there is a new key; nobody is bound anew',
  revoked: 'done: only the new key counts; all clients are bound anew',
  unchanged: 'nothing changes: a new key waits to sign already',
}

function describeKeys(keys: readonly Key[]): readonly string[] {
  if (keys.length === 0) return ['there are no keys: no configuration in force has anything signed']
  const rows = keys.map((key) => [key.id, key.state, toMoment(key.createdAtMs), whatNext(key)])
  return toTable(['KEY', 'STATE', 'MADE', 'NEXT'], rows)
}

function whatNext({ state, signsFromMs, goesAtMs }: Key): string {
  if (state === 'waiting') return `signs from ${toMoment(signsFromMs)}`
  return goesAtMs === undefined ? '' : `goes at ${toMoment(goesAtMs)}`
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', AFFINITY_USAGE] }
}
