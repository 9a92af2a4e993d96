import type { DnsChange, RecordSet, WantedRecord } from '../../schema/dns-record-set.ts'
import { tellOver } from './apart.ts'
import { clip } from '../outbox/notice.ts'
import type { Survey, Wish } from './event.ts'
import { isSameChange, isThere, wasThere, withMade } from './made.ts'
import { LONGEST_REASON, madeWords, type Word, withNews } from './news.ts'
import { isSameAnswers, isSameSets, keyText } from './record-set.ts'
import { recordWell } from './setback.ts'
import { type Intent, type RecordState, ZONE, type ZoneState } from './state.ts'

/** What an interrupted run had made is known by what stands. */
const INTERRUPTED = 'made by a run that was interrupted: '

/** What a survey says of each record, and of changes of which nobody knew what had become of them. */
export function observe(state: ZoneState, survey: Survey, nowMs: number): ZoneState {
  const isBroken = isBrokenAt(state, nowMs)
  const records: Record<string, RecordState> = {}
  const words: Word[] = []
  const context = { survey, isBroken, nowMs }
  for (const [id, prior] of Object.entries(state.records)) {
    if (Object.hasOwn(survey.terms.records, id)) continue
    const [gone, more] = observeGone(prior, { ...context, id, zone: state.zone })
    words.push(...more)
    if (isRemembered(gone, nowMs)) records[id] = gone
  }
  for (const wanted of survey.wanted) {
    const prior = state.records[wanted.record]
    const [next, found] = observeRecord(prior, { ...context, wanted })
    const whose = { zone: state.zone, record: wanted.record, nowMs }
    words.push(...madeWords(found, whose))
    records[wanted.record] = next
  }
  const last = {
    ...state.last,
    surveyedAtMs: nowMs,
    seenAtMs: nowMs,
    generation: survey.generation,
  }
  const terms = isEqual(state.terms, survey.terms) ? state.terms : survey.terms
  return withNews({ ...state, terms, last, records }, words, nowMs)
}

/** What should stand, while what stands could not be read. */
export function observeWish(state: ZoneState, wish: Wish, nowMs: number): ZoneState {
  const { terms, generation } = wish
  const isBroken = isBrokenAt(state, nowMs)
  const isChecked = terms.checkMs !== null
  const records = { ...state.records }
  for (const wanted of wish.wanted) {
    const known = knownOf(state.records[wanted.record], wanted, nowMs)
    const { actual: sets, isRead } = known
    const seen = seenOf(known, { wanted, sets, isBroken, isChecked, nowMs })
    records[wanted.record] = isRead ? seen : { ...seen, isRead, otherSinceMs: null }
  }
  return { ...state, terms, records, last: { ...state.last, generation, seenAtMs: nowMs } }
}

function isBrokenAt({ last }: ZoneState, nowMs: number): boolean {
  return last.seenAtMs === null || nowMs - last.seenAtMs > ZONE.gapMs
}

interface Observation {
  readonly survey: Survey
  /** Whether nobody looked for so long that nothing can be said of the time in between. */
  readonly isBroken: boolean
  readonly nowMs: number
}

/** One that left the configuration is kept until it is known what became of its last changes, and for its hold time. */
function observeGone(
  prior: RecordState,
  {
    id,
    zone,
    survey,
    nowMs,
  }: Observation & { readonly id: string; readonly zone: ZoneState['zone'] },
): readonly [RecordState, readonly Word[]] {
  const open = { ...prior, intents: youngIntents(prior, nowMs) }
  const found = foundIn(open, survey.actual)
  const settled = withMade(open, found, { nowMs, isChecked: false })
  const idle = { held: null, moving: null, sinceMs: nowMs, otherSinceMs: null, wellSinceMs: null }
  const quiet = { ...settled, ...idle, apartSinceMs: null }
  const [well, words] = recordWell(quiet, { zone, record: id, nowMs })
  const deeds = madeWords(found, { zone, record: id, nowMs })
  if (zone === null) return [well, [...deeds, ...words]]
  const [over, more] = tellOver(well, { id, zone, nowMs }, `record ${id} is no longer configured`)
  return [over, [...deeds, ...words, ...more]]
}

function observeRecord(
  prior: RecordState | undefined,
  { survey, isBroken, nowMs, wanted }: Observation & { readonly wanted: WantedRecord },
): readonly [RecordState, readonly DnsChange[]] {
  const key = keyText(wanted.key)
  const sets = survey.actual.filter((set) => keyText(set) === key)
  const known = knownOf(prior, wanted, nowMs)
  const found = foundIn(known, survey.actual)
  const isChecked = survey.terms.checkMs !== null
  const seen = seenOf(known, { wanted, sets, isBroken, isChecked, nowMs })
  const settled = withMade(seen, found, { nowMs, isChecked })
  const next = { ...settled, intents: youngIntents(settled, nowMs) }
  return [next, found]
}

function isRemembered({ intents, answersAtMs }: RecordState, nowMs: number): boolean {
  return intents.length > 0 || (answersAtMs !== null && nowMs - answersAtMs <= ZONE.goneMs)
}

interface Seen {
  readonly wanted: WantedRecord
  readonly sets: readonly RecordSet[]
  readonly isBroken: boolean
  readonly isChecked: boolean
  readonly nowMs: number
}

function seenOf(known: RecordState, seen: Seen): RecordState {
  const { wanted, sets, isBroken, isChecked, nowMs } = seen
  const isSame = isSameAnswers(known.wanted.sets, wanted.sets)
  const isOther = wanted.sets.length > 0 && !isSameAnswers(sets, wanted.sets)
  const otherSinceMs = isBroken ? nowMs : (known.otherSinceMs ?? nowMs)
  const wellSinceMs = isBroken ? nowMs : (known.wellSinceMs ?? nowMs)
  return {
    ...known,
    wanted,
    // Providers may give the same sets in another order each time.
    actual: isSameSets(known.actual, sets) ? known.actual : [...sets],
    isRead: true,
    sinceMs: isSame && !(isBroken && isOther) ? known.sinceMs : nowMs,
    otherSinceMs: isOther ? otherSinceMs : null,
    wellSinceMs: wanted.degraded ? null : wellSinceMs,
    apartSinceMs: isSame && isChecked ? known.apartSinceMs : null,
    moving: isChecked ? known.moving : null,
    held: null,
  }
}

/** What was known before; of another name or type it says nothing but what was begun and told. */
function knownOf(prior: RecordState | undefined, wanted: WantedRecord, nowMs: number): RecordState {
  if (prior !== undefined && keyText(prior.wanted.key) === keyText(wanted.key)) return prior
  return {
    wanted,
    actual: [],
    isRead: false,
    sinceMs: nowMs,
    otherSinceMs: null,
    wellSinceMs: null,
    answersAtMs: null,
    ttlAtMs: null,
    intents: prior?.intents ?? [],
    pause: prior?.pause ?? null,
    held: null,
    lastChange: null,
    moving: null,
    answers: null,
    apartSinceMs: null,
    isTold: prior?.isTold ?? false,
  }
}

/** Changes that were begun and stand now: each result once, however often it was begun. */
function foundIn(record: RecordState, actual: readonly RecordSet[]): DnsChange[] {
  const there = record.intents.filter((intent) => isThere(intent, actual))
  // Most likely by what was begun from that which stood when it was last looked, or else by the last of them.
  const isNext = ({ change }: Intent) => wasThere(change, record.actual)
  const likely = [...there.filter(isNext), ...there.filter((one) => !isNext(one)).toReversed()]
  const found: DnsChange[] = []
  for (const { change } of likely) {
    if (found.some((other) => isSameChange(other, change))) continue
    found.push({ ...change, reason: clip(INTERRUPTED + change.reason, LONGEST_REASON) })
  }
  return found
}

/** Changes that were begun so lately that they may still land. */
export function youngIntents({ intents }: RecordState, nowMs: number): RecordState['intents'] {
  const young = intents.filter(({ atMs }) => nowMs - atMs <= ZONE.lateMs)
  return young.length === intents.length ? intents : young
}

/** Both are JSON, made by the same code: the order of fields is the same. */
export function isEqual(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
