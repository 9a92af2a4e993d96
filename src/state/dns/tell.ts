import type { ZoneEffect } from './event.ts'
import type { ZoneStep } from './run.ts'
import { ZONE, type ZoneState } from './state.ts'

const FIRST_PAUSE_MS = 1000

/** Tells the oldest news that were not heard yet, unless an attempt is under way or has just failed. */
export function beginTelling(state: ZoneState, nowMs: number): ZoneStep {
  const { zone, telling } = state
  const atMs = nextTellAtMs(state)
  if (zone === null || atMs === undefined || atMs > nowMs) return [state, []]
  const items = Object.values(state.news)
    .toSorted((left, right) => left.sequence - right.sequence)
    .slice(0, ZONE.told)
  const upTo = items.at(-1)?.sequence ?? 0
  const failures = telling?.failures ?? 0
  const tell: ZoneEffect = { type: 'tell', zone, items }
  return [
    { ...state, telling: { upTo, sinceMs: nowMs, pauseMs: ZONE.tellLeaseMs, failures } },
    [tell],
  ]
}

/** When there is an attempt to tell again. */
export function nextTellAtMs({ news, telling }: ZoneState): number | undefined {
  if (Object.keys(news).length === 0) return undefined
  return telling === null ? 0 : telling.sinceMs + telling.pauseMs
}

/** Everything up to a number was heard. */
export function hear(state: ZoneState, upTo: number): ZoneState {
  const left = Object.entries(state.news).filter(([, { sequence }]) => sequence > upTo)
  const isOver = state.telling !== null && upTo >= state.telling.upTo
  return { ...state, news: Object.fromEntries(left), telling: isOver ? null : state.telling }
}

/** Nobody heard it: the next attempt follows after 1 s, 2 s … 1 min. */
export function missHearing(state: ZoneState, upTo: number, nowMs: number): ZoneState {
  const { telling } = state
  if (telling === null || telling.upTo !== upTo) return state
  const { failures } = telling
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 16), ZONE.longestTellPauseMs)
  return { ...state, telling: { upTo, sinceMs: nowMs, pauseMs, failures: failures + 1 } }
}
