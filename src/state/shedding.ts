import type { Shedding } from '../schema/limit.ts'

/** What an isolate saw of a pool in a window: requests that ended in it, however they did. */
export interface SheddingWindow {
  /** How many of its length it spans: more where few requests come. */
  readonly windows: number
  readonly requests: number
  /** Gateway errors, other 5xx, and no answer at all. */
  readonly failed: number
  /** Those whose time to the headers says something of the pool. */
  readonly timed: number
  /** Of these: slower than the bound, and slower than `NEAR` of it. */
  readonly slow: number
  readonly nearlySlow: number
  readonly p95Ms: number | undefined
  /** Of the requests: those that may be given away, by class. The others are critical, or bound there. */
  readonly sheddable: number
  readonly plain: number
}

/** How a pool sheds load by itself. */
export interface SheddingState {
  /** How much of the load that comes to the pool is given away, 0 to 100. */
  readonly givenPercent: number
  /** What comes in a window, given away or not: running means by class. */
  readonly comes: Readonly<Record<'sheddable' | 'plain' | 'fixed', number>>
  /** How far over its bounds the pool was in the last window, 1 at the bound; 0 when it was not. */
  readonly excess: number
  /** What was given away when it last began to be over: less than that has been too little. */
  readonly knee: number
  /** What led to it, in words and numbers. */
  readonly why: string
}

/** What follows for the requests of each class. */
export interface SheddingPercents {
  readonly sheddablePercent: number
  readonly defaultPercent: number
}

/** Nothing is given away. */
export const initialShedding: SheddingState = {
  givenPercent: 0,
  comes: { sheddable: 0, plain: 0, fixed: 0 },
  excess: 0,
  knee: 0,
  why: '',
}

/** A pool that is close to its bound gets its load back more slowly. */
export const NEAR = 0.8

/**
 * Points of the load that comes, for each window. Given away: times the excess, 10 while nothing is known of how much
 * will do, then 5 (as DAGOR), never more than 25 at once. Given back: half of what is more than the knee, one by one
 * for 5 points below it, then a fifth of what is left.
 */
const POINTS = { first: 10, more: 5, most: 25, near: 1, careful: 5 } as const
const BACK = { aboveKnee: 0.5, ofAll: 0.2, leastPoints: 2 } as const

/** So much of what comes is taken from the last window. */
const FRESHNESS = 0.5

/** A class that is all but given away is not seen any more: then it is taken to come as it did. */
const SEEN_BELOW_PERCENT = 90

/**
 * The state after one more window. While the pool is over its bounds more is given away, unless that gets better by
 * itself; as soon as it is not, load is given back: fast as far as is known to be too much, and slowly about the knee,
 * as congestion windows probe near the last loss (Chiu and Jain 1989; CUBIC, RFC 9438). WeChat sheds by windows and
 * classes in the same way (DAGOR, SoCC 2018).
 */
export function stepShedding(
  before: SheddingState,
  window: SheddingWindow,
  settings: Shedding,
): SheddingState {
  const state = { ...before, comes: comesAfter(before, window, settings) }
  const judgement = judge(window, settings)
  if (judgement.type === 'over') return giveAway(state, judgement, settings)
  const points = judgement.type === 'near' ? POINTS.near : pointsBack(state, window)
  const givenPercent = Math.max(0, state.givenPercent - points)
  if (givenPercent === 0) return { ...initialShedding, comes: state.comes }
  return { ...state, excess: 0, givenPercent, why: judgement.why }
}

function giveAway(state: SheddingState, { excess, why }: Over, settings: Shedding): SheddingState {
  const { givenPercent, excess: last } = state
  // What was given away already works: a queue takes its time to drain.
  const isMending = last > 0 && excess < last * MENDING
  const step = state.knee === 0 ? POINTS.first : POINTS.more
  const points = isMending ? 0 : Math.min(POINTS.most, step * excess)
  const given = Math.min(ceilingOf(state, settings), givenPercent + points)
  const knee = last > 0 ? state.knee : givenPercent
  return { ...state, excess, knee, why, givenPercent: given }
}

/** Less than this part of the excess of the window before. */
const MENDING = 0.9

function pointsBack(
  { givenPercent, knee }: SheddingState,
  { requests, windows }: SheddingWindow,
): number {
  const above = givenPercent - knee
  // Where nobody comes any more the knee is one of another time.
  const isKnown = knee > 0 && requests > 0
  if (isKnown && above > 0) return Math.max(POINTS.near, above * BACK.aboveKnee)
  if (isKnown && above > -POINTS.careful) return POINTS.near
  return Math.max(BACK.leastPoints * windows, givenPercent * (1 - (1 - BACK.ofAll) ** windows))
}

/** Sheddable requests go first; only when all of them are given away, default ones too. */
export function sheddingPercents(state: SheddingState, settings: Shedding): SheddingPercents {
  const { givenPercent, comes } = state
  const given = (givenPercent / 100) * totalOf(state)
  const sheddablePercent = percentOf(given, comes.sheddable, givenPercent)
  const left = Math.max(0, given - comes.sheddable)
  const defaultPercent = Math.min(settings.most, percentOf(left, comes.plain, 0))
  return { sheddablePercent, defaultPercent }
}

interface Over {
  readonly type: 'over'
  readonly excess: number
  readonly why: string
}

type Judgement =
  | Over
  /** `well` also where there is too little to judge: load that is given back is what can be judged again. */
  | { readonly type: 'near' | 'well'; readonly why: string }

function judge(window: SheddingWindow, settings: Shedding): Judgement {
  const { requests, failed, timed, slow, nearlySlow, p95Ms = 0 } = window
  const { p95Above, failuresAbove, minRequests } = settings
  const reasons: string[] = []
  let excess = 0
  if (p95Above !== undefined && timed >= minRequests && slow > timed * TAIL) {
    excess = Math.max(1, p95Ms / p95Above)
    reasons.push(`p95 about ${Math.round(p95Ms)} ms of ${timed} answers, above ${p95Above} ms`)
  }
  if (failuresAbove !== undefined && requests >= minRequests && failed > requests * failuresAbove) {
    excess = Math.max(excess, failed / requests / failuresAbove)
    const most = Math.round(failuresAbove * 100)
    reasons.push(`${failed} of ${requests} requests failed, above ${most} %`)
  }
  if (reasons.length > 0) return { type: 'over', excess, why: reasons.join('; ') }
  const isNear = p95Above !== undefined && timed >= minRequests && nearlySlow > timed * TAIL
  const seen = requests < minRequests ? `${requests} requests, too few to judge` : wordsOf(window)
  return isNear
    ? { type: 'near', why: `load comes back slowly: ${seen}, near its bound` }
    : { type: 'well', why: `load comes back: ${seen}` }
}

function wordsOf({ requests, failed, timed, p95Ms }: SheddingWindow): string {
  const failures = `${failed} of ${requests} requests failed`
  return p95Ms === undefined
    ? failures
    : `p95 about ${Math.round(p95Ms)} ms of ${timed} answers, ${failures}`
}

/** What lies above the 95th percentile. */
const TAIL = 0.05

function comesAfter(
  before: SheddingState,
  { requests, sheddable, plain }: SheddingWindow,
  settings: Shedding,
): SheddingState['comes'] {
  const { sheddablePercent, defaultPercent } = sheddingPercents(before, settings)
  const { comes } = before
  const isFirst = totalOf(before) === 0
  const mean = (known: number, seen: number, percent: number) => {
    if (percent > SEEN_BELOW_PERCENT) return known
    const came = seen / (1 - percent / 100)
    return isFirst ? came : known + FRESHNESS * (came - known)
  }
  return {
    sheddable: mean(comes.sheddable, sheddable, sheddablePercent),
    plain: mean(comes.plain, plain, defaultPercent),
    fixed: mean(comes.fixed, requests - sheddable - plain, 0),
  }
}

/** The most that can be given away: critical requests never are. */
function ceilingOf(state: SheddingState, { most }: Shedding): number {
  const { sheddable, plain } = state.comes
  const total = totalOf(state)
  return total === 0 ? 100 : (100 * sheddable + most * plain) / total
}

function totalOf({ comes }: SheddingState): number {
  return comes.sheddable + comes.plain + comes.fixed
}

function percentOf(given: number, comes: number, otherwise: number): number {
  return comes > 0 ? Math.min(100, (100 * given) / comes) : otherwise
}
