import * as z from 'zod'
import type { AdminApi } from './admin-call.ts'
import { type Outcome, parseCommand } from './command.ts'
import { ShownRecord, ShownRun, ShownZone } from './dns-shapes.ts'
import { describeRecord, describeRecords, describeRun } from './dns-words.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'

export const DNS_USAGE = `portolan dns [list] | show RECORD | reconcile [RECORD] [--dry-run] | freeze|unfreeze RECORD --reason TEXT
  The records that follow health.
  list                   What stands, what is wanted, and what holds it
  show RECORD            All of one: its last change, and what name servers answer
  reconcile [RECORD]     Compares with what should be and changes it, within the guards; exit 1 when a zone fails
  --dry-run              Of reconcile: says what would be changed, and changes nothing
  freeze RECORD          Keeps it as it stands until it is taken back; unfreeze RECORD does so
  --reason TEXT          Why: the audit log and whoever looks next read it
${ROUTER_USAGE}`

const Report = z.looseObject({ items: z.array(ShownRecord), zones: z.array(ShownZone) })
const One = z.looseObject({ record: ShownRecord, zone: ShownZone.optional() })
const Reconciled = z.looseObject({ dryRun: z.boolean(), zones: z.array(ShownRun) })

interface Typed {
  readonly record: string | undefined
  readonly 'dry-run'?: boolean | undefined
  readonly reason?: string | undefined
  readonly json?: boolean | undefined
}

type Verb = (api: AdminApi, typed: Typed) => Promise<Outcome>

const VERBS: Readonly<Record<string, Verb>> = {
  list,
  show,
  reconcile,
  freeze: (api, typed) => freeze(api, typed, 'freeze'),
  unfreeze: (api, typed) => freeze(api, typed, 'unfreeze'),
}

/** `portolan dns`. */
export async function runDns(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...ROUTER_OPTIONS,
    'dry-run': { type: 'boolean' },
    reason: { type: 'string' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [DNS_USAGE] }
  const [name = 'list', record, ...more] = positionals
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (verb === undefined) return wrong(`dns has no "${name}"`)
  const mistake =
    more.length > 0 ? 'dns takes one record' : findMistake(name, { ...values, record })
  if (mistake !== undefined) return wrong(mistake)
  const read = readApi(values)
  return read.ok ? verb(read.api, { ...values, record }) : wrong(read.error)
}

/** What is wrong with what was typed, if anything is: an option that does nothing here means something else. */
function findMistake(verb: string, typed: Typed): string | undefined {
  const { record, reason } = typed
  const isFreeze = verb === 'freeze' || verb === 'unfreeze'
  if (verb === 'list' && record !== undefined) return `list takes no "${record}": show does`
  if ((verb === 'show' || isFreeze) && record === undefined) return `${verb} takes a record`
  if (typed['dry-run'] === true && verb !== 'reconcile') return '--dry-run goes with "reconcile"'
  if (reason !== undefined && !isFreeze) return '--reason goes with "freeze" and "unfreeze"'
  if (verb === 'freeze' && reason === undefined) {
    return '--reason is missing: whoever looks next needs it'
  }
  return undefined
}

async function list(api: AdminApi, { json }: Typed): Promise<Outcome> {
  const told = await askRouter(api, { method: 'GET', path: '/v1/dns' }, Report)
  if (!told.ok) return told.outcome
  if (json === true) return asJson(told.value)
  const { items, zones } = told.value
  return { code: 0, lines: describeRecords(items, zones, Date.now()) }
}

async function show(api: AdminApi, { record = '', json }: Typed): Promise<Outcome> {
  const path = `/v1/dns/${encodeURIComponent(record)}`
  const told = await askRouter(api, { method: 'GET', path }, One)
  if (!told.ok) return told.outcome
  if (json === true) return asJson(told.value)
  return { code: 0, lines: describeRecord(told.value.record, told.value.zone, Date.now()) }
}

async function reconcile(api: AdminApi, typed: Typed): Promise<Outcome> {
  const { record, json } = typed
  const query = new URLSearchParams({
    ...(typed['dry-run'] === true && { dryRun: 'true' }),
    ...(record !== undefined && { record }),
  }).toString()
  const path = `/v1/dns/reconcile${query === '' ? '' : `?${query}`}`
  const told = await askRouter(api, { method: 'POST', path }, Reconciled)
  if (!told.ok) return told.outcome
  const { zones, dryRun } = told.value
  const isWell = zones.every(({ outcome }) => outcome !== 'failed' && outcome !== 'unreachable')
  const lines = zones.flatMap((run) => describeRun(run, dryRun))
  const none = ['the configuration has no records under "dns"']
  if (json === true) return { ...asJson(told.value), code: isWell ? 0 : 1 }
  return { code: isWell ? 0 : 1, lines: lines.length === 0 ? none : lines }
}

async function freeze(
  api: AdminApi,
  { record = '', reason, json }: Typed,
  verb: 'freeze' | 'unfreeze',
): Promise<Outcome> {
  const body = { frozen: verb === 'freeze', ...(reason !== undefined && { reason }) }
  const path = `/v1/dns/${encodeURIComponent(record)}/freeze`
  const told = await askRouter(api, { method: 'PUT', path, body }, One)
  if (!told.ok) return told.outcome
  if (json === true) return asJson(told.value)
  return { code: 0, lines: describeRecord(told.value.record, told.value.zone, Date.now()) }
}

function asJson(value: unknown): Outcome {
  return { code: 0, lines: [JSON.stringify(value, undefined, 2)] }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', DNS_USAGE] }
}
