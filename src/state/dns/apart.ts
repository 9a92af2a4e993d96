import type { RecordSet } from '../../schema/dns-record-set.ts'
import type { ZoneName } from '../../schema/dns-zone.ts'
import { noticeOf, type Word } from './news.ts'
import { type RecordState, ZONE } from './state.ts'
import type { RecordTerms } from './terms.ts'

/** Since when DNS answers otherwise than a request would be decided; null while it does not. */
export function divergesSinceMs({ apartSinceMs, otherSinceMs }: RecordState): number | null {
  if (apartSinceMs === null || otherSinceMs === null) return apartSinceMs ?? otherSinceMs
  return Math.min(apartSinceMs, otherSinceMs)
}

/** What the words about a record need beside it. */
interface About {
  readonly id: string
  readonly zone: ZoneName
  readonly terms: RecordTerms
  readonly nowMs: number
}

/** Says that DNS and proxy disagree when that has lasted longer than it may, and that it is over. */
export function tellApart(
  record: RecordState,
  about: About,
): readonly [RecordState, readonly Word[]] {
  const { id, zone, terms, nowMs } = about
  if (divergesSinceMs(record) === null) {
    return tellOver(record, about, `DNS answers for ${id} as the proxy decides again`)
  }
  // Where changes are only told, answers differ by intention.
  if (record.isTold || terms.dryRun || !isTooLong(record, about)) return [record, []]
  const title = `DNS answers for ${id} otherwise than the proxy decides`
  const text = wordsOf(record)
  const subject = { matter: 'apart', record: id, zone }
  const on = { ...subject, severity: 'warning', title, text, resolves: false } as const
  return [{ ...record, isTold: true }, [{ notice: noticeOf(on, nowMs) }]]
}

/** Says that the matter is over, if it was told. */
export function tellOver(
  record: RecordState,
  { id, zone, nowMs }: Omit<About, 'terms'>,
  title: string,
): readonly [RecordState, readonly Word[]] {
  if (!record.isTold) return [record, []]
  const subject = { matter: 'apart', record: id, zone }
  const over = { ...subject, severity: 'info', title, text: '', resolves: true } as const
  return [{ ...record, isTold: false }, [{ notice: noticeOf(over, nowMs) }]]
}

/** Caches may answer as before for a TTL, and what stands may wait for the guards. */
function isTooLong({ apartSinceMs, otherSinceMs, ...record }: RecordState, about: About): boolean {
  const ttls = [...record.actual, ...record.wanted.sets].map(({ ttl }) => ttl)
  const cachedMs = 2000 * Math.max(0, ...ttls) + ZONE.moveMarginMs
  const { settleMs, holdMs } = about.terms
  const guardedMs = ZONE.patience * settleMs + holdMs + cachedMs
  const isOver = (sinceMs: number | null, mostMs: number) =>
    sinceMs !== null && about.nowMs - sinceMs >= mostMs
  return isOver(apartSinceMs, cachedMs) || isOver(otherSinceMs, guardedMs)
}

function wordsOf({ wanted, actual, held, answers, apartSinceMs }: RecordState): string {
  const wrong = answers?.results.find(({ outcome }) => outcome === 'other')
  const seen =
    apartSinceMs !== null && wrong?.outcome === 'other'
      ? `${wrong.target} answers ${wrong.values.join(', ') || 'nothing'}`
      : `there stands ${valuesIn(actual)}`
  const guard = held === null ? '' : ` (${held.guard}: ${held.words})`
  return `${seen}; wanted is ${valuesIn(wanted.sets)}, since ${wanted.reason}${guard}`
}

function valuesIn(sets: readonly RecordSet[]): string {
  return sets.flatMap(({ values }) => values).join(', ') || 'nothing'
}
