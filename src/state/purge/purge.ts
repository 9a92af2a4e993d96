import type { PurgeRow, PurgeTarget } from '../../schema/cache-purge.ts'
import { nameOfTarget, withoutNeedless } from './rows.ts'
import { PURGE_STATE_LIMITS, type Purges } from './state.ts'
import { type Fitted, widen } from './widen.ts'

/** What somebody purges. */
export interface Purge {
  readonly targets: readonly PurgeTarget[]
  readonly kind: PurgeRow['kind']
}

/** A purge that was taken in. */
export interface Purged extends Pick<Fitted, 'widened' | 'into'> {
  readonly purges: Purges
  /** Of this purge: what was asked for before it is gone or stale. */
  readonly serial: number
}

/**
 * Takes a purge in under the next serial: the moment, or one more than the last where the clock is behind it. A target
 * that was purged before counts anew, those that are too old to meet anything are forgotten, and the oldest become
 * wider where there are too many.
 */
export function purge({ last, rows }: Purges, { targets, kind }: Purge, nowMs: number): Purged {
  const serial = Math.max(last + 1, Math.trunc(nowMs))
  const each = new Map(targets.map((target) => [nameOfTarget(target), target]))
  const added = [...each.values()].map((target) => ({ serial, target, kind }))
  const { rows: fitted, ...told } = widen(withoutNeedless([...living(rows, nowMs), ...added]))
  return { purges: { last: serial, rows: [...fitted] }, serial, ...told }
}

/**
 * Goes on from what was last published, where the control object has lost what it knew: what was purged stays so,
 * and serials rise.
 */
export function adopt(purges: Purges, published: readonly PurgeRow[]): Purges {
  if (purges.last > 0 || published.length === 0) return purges
  const rows = published.toSorted((left, right) => left.serial - right.serial)
  return { last: Math.max(...rows.map(({ serial }) => serial)), rows }
}

function living(rows: readonly PurgeRow[], nowMs: number): readonly PurgeRow[] {
  return rows.filter(({ serial }) => serial + PURGE_STATE_LIMITS.keptMs >= nowMs)
}
