import { PURGE_LIMITS, type PurgeRow, type PurgeTarget } from '../../schema/cache-purge.ts'
import { HostName } from '../../schema/http.ts'
import { nameOfTarget, sizeOf, withoutNeedless } from './rows.ts'
import { PURGE_STATE_LIMITS } from './state.ts'

/** Rows that fit, and what became of those that did not. */
export interface Fitted {
  readonly rows: readonly PurgeRow[]
  /** How many became wider. */
  readonly widened: number
  /** Into what, each once: hosts, or everything. */
  readonly into: readonly PurgeTarget[]
}

/** Rows on their way to fit, by what they purge and how. */
interface Fitting {
  readonly rows: Map<string, PurgeRow>
  bytes: number
}

/**
 * Makes rows fit their bounds. From the oldest on, what is purged by URL or prefix becomes its whole host; if that is
 * not enough, everything. So what was fetched before those old purges goes once more, and nothing less than before.
 */
export function widen(rows: readonly PurgeRow[]): Fitted {
  const fitting: Fitting = { rows: new Map(), bytes: 0 }
  for (const row of rows) keep(fitting, row)
  if (fits(fitting)) return { rows, widened: 0, into: [] }
  const into = new Map<string, PurgeTarget>()
  let widened = 0
  for (const toWider of [toHost, toAll]) {
    for (const [name, row] of oldestFirst(fitting)) {
      if (fits(fitting)) break
      const target = toWider(row.target)
      // One that another has become the same as is gone already.
      if (target === undefined || fitting.rows.get(name) !== row) continue
      drop(fitting, name, row)
      keep(fitting, { ...row, target })
      into.set(nameOfTarget(target), target)
      widened += 1
    }
  }
  const fitted = oldestFirst(fitting).map(([, row]) => row)
  return { rows: withoutNeedless(fitted), widened, into: [...into.values()] }
}

function fits({ rows, bytes }: Fitting): boolean {
  return rows.size <= PURGE_LIMITS.rows && bytes <= PURGE_STATE_LIMITS.bytes
}

function oldestFirst({ rows }: Fitting): [name: string, row: PurgeRow][] {
  return [...rows].toSorted(([, left], [, right]) => left.serial - right.serial)
}

/** Of two rows that purge the same the newer one says all. */
function keep(fitting: Fitting, row: PurgeRow): void {
  const name = `${row.kind} ${nameOfTarget(row.target)}`
  const known = fitting.rows.get(name)
  if (known && known.serial >= row.serial) return
  if (known) drop(fitting, name, known)
  fitting.rows.set(name, row)
  fitting.bytes += sizeOf(row)
}

function drop(fitting: Fitting, name: string, row: PurgeRow): void {
  fitting.rows.delete(name)
  fitting.bytes -= sizeOf(row)
}

function toHost(target: PurgeTarget): PurgeTarget | undefined {
  if ('host' in target) return target.prefix === undefined ? undefined : { host: target.host }
  if (!('url' in target)) return undefined
  const [, host] =
    /^https?:\/\/(?:[^/?#@]*@)?([^/?#:]+?)\.?(?::\d*)?(?:[/?#]|$)/.exec(target.url) ?? []
  const { data: name } = HostName.safeParse(host)
  // What is no name of a host (an address in brackets, an underscore): what was purged by it becomes everything.
  return name === undefined ? { all: true } : { host: name }
}

function toAll(target: PurgeTarget): PurgeTarget | undefined {
  return 'all' in target ? undefined : { all: true }
}
