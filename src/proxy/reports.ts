import type { PassedAnswer } from '../../durable/origin-methods.ts'
import type { CompiledPool, Snapshot } from '../core/snapshot.ts'
import type { PassiveReport } from '../schema/report.ts'
import {
  beginDispatch,
  DISPATCH,
  hasNews,
  isDispatchDue,
  missDispatch,
  pauseOf,
  settleDispatch,
} from './dispatch.ts'
import { underWay } from './in-flight.ts'
import { noteLease } from './lease.ts'
import type { Ledger } from './ledger.ts'
import type { OriginRecord } from './origin-record.ts'

/** Bounds of a round of reports: the platform ends what goes on for more than 30 s after an answer. */
const ROUNDS = {
  everyMs: DISPATCH.leastMs,
  /** A later request may take over then. */
  handOverMs: 14_000,
  /** Whoever was not relieved says all that there is, and ends. */
  endMs: 20_000,
  /** Origins in one round; the others wait for the next. */
  most: 48,
  /** Calls at a time: a request has six connections in all, and its own come first. */
  atOnce: 4,
} as const

/** What an isolate has reported of its traffic. */
export interface Reports {
  /** Names the isolate; empty before the first report: a Worker has no chance before its first request. */
  isolate: string
  sequence: number
  /** Since when someone sees to it that what was seen is said; 0 when nobody does. */
  armedAtMs: number
  sent: number
  /** Calls that nobody answered. Their reports go again. */
  unanswered: number
  /** Requests that were seen but could not be told in time. */
  untold: number
}

/** Nothing reported yet. */
export function createReports(): Reports {
  return { isolate: '', sequence: 0, armedAtMs: 0, sent: 0, unanswered: 0, untold: 0 }
}

/** Hands a report to the object of an origin: what that answers, or `undefined` if it was not heard. */
export type Post = (origin: string, report: PassiveReport) => Promise<PassedAnswer | undefined>

/** What is seen now. A newer snapshot changes it, so it is asked for anew each time. */
export type Look = () => Sights

interface Sights {
  readonly snapshot: Snapshot
  readonly ledger: Ledger
  /** Pools that are reported on often. */
  readonly watchedPools: ReadonlySet<string>
}

/** Whether someone has to see to it that what is seen from now on is said. */
export function areReportsDue({ armedAtMs }: Reports, nowMs: number): boolean {
  // Whoever was at it may have been stopped in the middle. A distance, not an order: the clock may jump back.
  return Math.abs(nowMs - armedAtMs) >= ROUNDS.handOverMs
}

/**
 * Sees to it that what this isolate saw is said, every two seconds, until there is nothing left to say, or a
 * later request takes over. Never rejects. No request waits for it.
 */
export async function report(reports: Reports, look: Look, post: Post): Promise<void> {
  const beganAtMs = Date.now()
  reports.armedAtMs = beganAtMs
  for (;;) {
    // Round by round is the point of it.
    await scheduler.wait(ROUNDS.everyMs)
    const isRelieved = reports.armedAtMs !== beganAtMs && reports.armedAtMs !== 0
    if (isRelieved) return
    const nowMs = Date.now()
    const isLast = Math.abs(nowMs - beganAtMs) >= ROUNDS.endMs
    const seen = look()
    await sayAll(toSubjects(seen, isLast, nowMs), { reports, post })
    const isSilent = !seen.ledger.origins.some(
      (record) => underWay(record.open) > 0 || hasNews(record),
    )
    if (!isLast && !isSilent) continue
    if (reports.armedAtMs === beganAtMs) reports.armedAtMs = 0
    return
  }
}

/** Says at once what this isolate saw of one origin, or as soon as it may. Never rejects. */
export async function reportAtOnce(
  reports: Reports,
  subject: ReportSubject,
  post: Post,
): Promise<void> {
  const pauseMs = pauseOf(subject.record.dispatch, Date.now())
  if (pauseMs > 0) await scheduler.wait(pauseMs)
  await say(subject, { reports, post })
}

/** One origin of which something is said. */
export interface ReportSubject {
  readonly pool: CompiledPool
  readonly record: OriginRecord
  readonly revision: number
}

function toSubjects(
  { snapshot: { origins, revision }, ledger, watchedPools }: Sights,
  isLast: boolean,
  nowMs: number,
): readonly ReportSubject[] {
  const subjects: ReportSubject[] = []
  for (const { index, pool: id } of origins) {
    const record = ledger.origins[index]
    const pool = ledger.poolsById.get(id)
    if (!record || !pool) continue
    const isDue = isDispatchDue(record, watchedPools.has(id), nowMs)
    const isOwed = isLast && hasNews(record) && pauseOf(record.dispatch, nowMs) === 0
    if (isDue || isOwed) subjects.push({ pool, record, revision })
  }
  if (subjects.length <= ROUNDS.most) return subjects
  const urgency = ({ record }: ReportSubject) => (record.tally.failures > 0 ? 1 : 0)
  return subjects
    .toSorted(
      (one, other) =>
        urgency(other) - urgency(one) ||
        one.record.dispatch.sentAtMs - other.record.dispatch.sentAtMs,
    )
    .slice(0, ROUNDS.most)
}

interface Saying {
  readonly reports: Reports
  readonly post: Post
}

async function sayAll(subjects: readonly ReportSubject[], saying: Saying): Promise<void> {
  const queue = [...subjects]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await say(next, saying)
  }
  await Promise.all(Array.from({ length: ROUNDS.atOnce }, work))
}

async function say(
  { pool, record, revision }: ReportSubject,
  { reports, post }: Saying,
): Promise<void> {
  const { dispatch } = record
  // Meanwhile another may have said it.
  if (!hasNews(record) || pauseOf(dispatch, Date.now()) > 0) return
  reports.isolate ||= crypto.randomUUID()
  const nextSequence = () => (reports.sequence += 1)
  const settings = toSettings(pool, revision)
  const sender = {
    isolate: reports.isolate,
    pool: pool.id,
    settings,
    nextSequence,
    ...(record.cap !== undefined && { maxConnections: record.cap }),
  }
  const said = beginDispatch(record, sender, Date.now())
  const heard = await post(record.id, said)
  if (heard === undefined) {
    reports.unanswered += 1
    reports.untold += missDispatch(dispatch, Date.now())
  } else {
    reports.sent += 1
    settleDispatch(dispatch, heard.reportAfterMs)
    noteLease(record, heard, { inFlight: said.inFlight, nowMs: Date.now() })
  }
}

/** By what the object judges an origin that no prober brings it a plan of. */
function toSettings({ outlier, holdDown }: CompiledPool, revision: number) {
  const { failureRate, minRequests, window: windowMs } = outlier
  return {
    revision,
    passive: { failureRate, minRequests, windowMs },
    holdDown: { baseMs: holdDown.base, maxMs: holdDown.max },
  } satisfies PassiveReport['settings']
}
