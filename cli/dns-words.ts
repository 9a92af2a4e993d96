import type {
  ShownAnswer,
  ShownChange,
  ShownRecord,
  ShownRun,
  ShownSet,
  ShownZone,
} from './dns-shapes.ts'
import { toMoment, toSpan, toTable } from './table.ts'

/** More sets of one name than that are counted. */
const MOST_SETS = 3

/** More values of a set than that are counted where a record has one line. */
const MOST_VALUES = 4

/** All records, a line each, and the zones that are in trouble. */
export function describeRecords(
  items: readonly ShownRecord[],
  zones: readonly ShownZone[],
  nowMs: number,
): readonly string[] {
  if (items.length === 0) return ['the configuration has no records under "dns"']
  const rows = items.map((record) => [
    record.id,
    record.name,
    record.type,
    record.actual === undefined ? '?' : toCell(record.actual),
    toWanted(record),
    record.lastChange === undefined ? '' : `${toSpan(nowMs - record.lastChange.atMs)} ago`,
    whyOf(record),
  ])
  const heads = ['RECORD', 'NAME', 'TYPE', 'STANDS', 'WANTED', 'CHANGED', 'WHY']
  return [...toTable(heads, rows), ...zones.flatMap((zone) => describeTrouble(zone, nowMs))]
}

/** All of one record. */
export function describeRecord(
  record: ShownRecord,
  zone: ShownZone | undefined,
  nowMs: number,
): readonly string[] {
  const { id, name, type, provider, wanted, actual, guard, frozen, lastChange } = record
  const since =
    record.wantedSinceMs === undefined ? '' : `, for ${toSpan(nowMs - record.wantedSinceMs)}`
  return [
    `${id}: ${type} ${name} in the zone ${record.zone} at ${provider}, by the route ${record.route}`,
    line('wanted', wanted === undefined ? 'not known yet' : `${toText(wanted)}${since}`),
    ...(record.reason === undefined ? [] : [line('', record.reason)]),
    line('stands', actual === undefined ? 'not known yet' : toText(actual)),
    ...(guard === undefined ? [] : [line('held', toGuard(guard))]),
    ...(frozen === undefined
      ? []
      : [line('frozen', `by ${frozen.by.name} since ${toMoment(frozen.atMs)}: ${frozen.reason}`)]),
    ...(lastChange === undefined
      ? []
      : lastChange.changes.map((change) =>
          line('changed', `${toMoment(lastChange.atMs)}: ${toChange(change)}`),
        )),
    ...describeMove(record),
    ...describeAnswers(record, nowMs),
    line('zone', zone === undefined ? 'has no provider yet' : toStanding(zone, nowMs)),
  ]
}

/** What a reconciliation did or would do, zone by zone. */
export function describeRun(run: ShownRun, dryRun: boolean): readonly string[] {
  const zone = `${run.provider}/${run.zone}`
  if (run.outcome === 'failed' || run.outcome === 'unreachable') {
    return [`${zone}: ${run.outcome}: ${run.failure?.detail ?? run.detail ?? ''}`]
  }
  const end = run.outcome === 'under-way' ? ', and it goes on' : ''
  const count = `${run.changes.length} ${run.changes.length === 1 ? 'change' : 'changes'}`
  const verb = dryRun ? 'to be made' : 'made'
  return [
    `${zone}: ${count} ${verb}, ${run.held.length} held${end}`,
    ...run.changes.map((change) => `  ${change.record}: ${toChange(change)}`),
    ...run.held.map((held) => `  ${held.record}: held: ${toGuard(held)}`),
  ]
}

function toWanted({ wanted, difference }: ShownRecord): string {
  if (wanted === undefined) return '?'
  if (wanted.length === 0) return 'nothing known'
  return difference.length === 0 ? 'as it stands' : toCell(wanted)
}

function whyOf({ frozen, guard, reason, divergesSinceMs }: ShownRecord): string {
  const why =
    frozen !== undefined
      ? `frozen by ${frozen.by.name}: ${frozen.reason}`
      : guard === undefined
        ? (reason ?? '')
        : toGuard(guard)
  return divergesSinceMs === undefined ? why : `DNS ANSWERS OTHERWISE; ${why}`
}

function toGuard({ guard, words, untilMs }: NonNullable<ShownRecord['guard']>): string {
  return `${guard}: ${words}${untilMs === undefined ? '' : ` (until ${toMoment(untilMs)})`}`
}

function toChange({ before, after, reason }: ShownChange): string {
  return `${toText(before === undefined ? [] : [before])} -> ${toText(after === undefined ? [] : [after])}: ${reason}`
}

function toText(sets: readonly ShownSet[]): string {
  if (sets.length === 0) return 'nothing'
  if (sets.length > MOST_SETS) return `${sets.length} sets`
  return sets
    .map(({ values, ttl, variant, proxied }) => {
      const name = variant === undefined ? '' : `${variant.id}: `
      return `${name}${values.join(', ')} (${proxied === true ? 'proxied' : `${ttl} s`})`
    })
    .join('; ')
}

/** As much of it as a line has room for: one long set would push the reasons of all records out of sight. */
function toCell(sets: readonly ShownSet[]): string {
  return toText(sets.map((set) => ({ ...set, values: shorten(set.values) })))
}

function shorten(values: readonly string[]): string[] {
  if (values.length <= MOST_VALUES + 1) return [...values]
  return [...values.slice(0, MOST_VALUES), `${values.length - MOST_VALUES} more`]
}

function describeMove({ move }: ShownRecord): readonly string[] {
  if (move === undefined) return []
  const targets = Object.entries(move.targets).map(([target, { movedMs }]) =>
    movedMs === null ? `${target} not yet` : `${target} after ${toSpan(movedMs)}`,
  )
  return [line('reached', `${move.verdict}: ${targets.join(', ')}`)]
}

function describeAnswers(
  { answers, answersSinceMs, divergesSinceMs }: ShownRecord,
  nowMs: number,
): readonly string[] {
  const at = answersSinceMs === undefined ? '' : `for ${toSpan(nowMs - answersSinceMs)}, `
  const told = (answers ?? []).map((answer) => line('answers', `${at}${toAnswer(answer)}`))
  if (divergesSinceMs === undefined) return told
  return [...told, line('apart', `DNS answers otherwise since ${toMoment(divergesSinceMs)}`)]
}

function toAnswer({ target, outcome, values, why }: ShownAnswer): string {
  if (outcome === 'failed') return `${target}: no answer: ${why ?? ''}`
  if (outcome === 'as-expected') return `${target}: as expected`
  return `${target}: ${values === undefined || values.length === 0 ? 'nothing' : values.join(', ')}`
}

function describeTrouble(zone: ShownZone, nowMs: number): readonly string[] {
  const isCut = zone.isCutShort === true
  const isWell = zone.missing === undefined && (zone.failures ?? 0) === 0 && !isCut
  return isWell ? [] : [`zone ${zone.provider}/${zone.zone}: ${toStanding(zone, nowMs)}`]
}

function toStanding(zone: ShownZone, nowMs: number): string {
  const { missing, surveyedAtMs, failures = 0, failure, retryAtMs } = zone
  if (missing !== undefined) return `unknown: ${missing}`
  const compared =
    surveyedAtMs === undefined ? 'never compared' : `compared ${toSpan(nowMs - surveyedAtMs)} ago`
  const run = toRun(zone)
  if (failures === 0) return `${run}, ${compared}`
  const next = retryAtMs === undefined ? '' : `; the next try at ${toMoment(retryAtMs)}`
  const count = failures === 1 ? 'the last run failed' : `the last ${failures} runs failed`
  const now = run === 'idle' ? '' : `${run}, `
  return `${now}${compared}; ${count}: ${failure?.detail ?? ''}${next}`
}

/** Whoever was at it may still be writing when its process has ended: at night somebody wonders why nothing happens. */
function toRun({ run = 'idle', runSinceMs, runUntilMs, isCutShort }: ShownZone): string {
  if (run === 'idle' || runSinceMs === undefined) return run
  const since = `${run} since ${toMoment(runSinceMs)}`
  if (isCutShort !== true || runUntilMs === undefined) return since
  return `${since}, which was cut short: given up and begun anew at ${toMoment(runUntilMs)}`
}

function line(head: string, text: string): string {
  return `${head.padEnd(8)} ${text}`
}
