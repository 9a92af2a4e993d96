import type { ExclusionReason } from '../../schema/reason.ts'
import { mix } from '../kernel/hash.ts'
import { bucketPercent } from '../kernel/share.ts'
import { capacityExclusion, ejectionExclusion } from '../observed.ts'
import { sessionShedExclusion } from '../shed.ts'
import type { Left, Situation } from '../situation.ts'
import type { Conditioned, DrainTime } from '../snapshot.ts'
import type { Home } from './bond.ts'

/** Keeps who leaves a drain first independent of who comes back first: "leav" in ASCII. */
const SALT = 0x6c656176

/** What part of its time a drain gives to leaving: in it clients go bit by bit, and not all at its end. */
const LEAVING = 0.1

/**
 * Why a client may not stay where it is bound, if so: of several reasons the gravest. It stays on what drains as
 * long as that has time, and on what gives its share away in steps; on what comes back it stays if it was bound
 * there since, or if the share has come to it.
 */
export function departureOf(home: Home, situation: Situation): Left | undefined {
  const { origin, pool } = home
  const seen = situation.observations.origins[origin.index]
  const ejected = ejectionExclusion(seen, situation)
  const full = capacityExclusion(origin, seen)
  // Nearly every client of a bond is done here.
  if (origin.isWell && pool.isWell && !full && !ejected) return undefined
  const reasons: readonly [Of, ExclusionReason | undefined][] = [
    // Before every outage: from that they would come back, or wait for it, and here is nothing to come back to.
    ...both(home, (each) => drainExclusion(each, home, situation)),
    ...both(home, standingOf('maintenance')),
    ['origin', full],
    ...both(home, (each) => sessionShedExclusion(each, home.key, situation)),
    ...both(home, standingOf('unhealthy')),
    ['origin', ejected],
    ...both(home, (each) => returnExclusion(each, home)),
  ]
  for (const [of, why] of reasons) {
    if (why) return { origin, pool: of === 'pool' ? pool : undefined, why }
  }
  return undefined
}

type Of = 'origin' | 'pool'

function both(
  { origin, pool }: Home,
  why: (of: Conditioned) => ExclusionReason | undefined,
): readonly [Of, ExclusionReason | undefined][] {
  return [
    ['origin', why(origin)],
    ['pool', why(pool)],
  ]
}

function standingOf(type: ExclusionReason['type']) {
  return ({ standing }: Conditioned) => (standing?.type === type ? standing : undefined)
}

function drainExclusion(
  { standing, drain, hash }: Conditioned,
  { key }: Home,
  { facts }: Situation,
): ExclusionReason | undefined {
  // What drains may be ill as well, which is the graver standing.
  const drains = standing?.type === 'draining' || standing?.type === 'unhealthy'
  if (!drains || drain === undefined) return undefined
  const leavingPercent = leavingAt(drain, facts.nowMs)
  if (bucketPercent(key, mix(hash ^ SALT)) >= leavingPercent) return undefined
  return { type: 'draining', leavingPercent }
}

/** How many of the bound clients have to have left by a time, 0 to 100: it never falls. */
function leavingAt({ fromMs, untilMs }: DrainTime, nowMs: number): number {
  if (nowMs >= untilMs) return 100
  if (fromMs === undefined) return 0
  const lastMs = Math.max(0, untilMs - fromMs) * LEAVING
  return Math.max(0, 100 * (1 - (untilMs - nowMs) / lastMs))
}

/**
 * Only where a condition says since when it keeps clients does its share send others away: the share of a drain
 * lets in fewer, and those who are there stay.
 */
function returnExclusion(
  { sharePercent, keepsSinceMs, hash }: Conditioned,
  { key, boundAtMs }: Home,
): ExclusionReason | undefined {
  if (keepsSinceMs === undefined || sharePercent >= 100) return undefined
  if (sharePercent === 0) return { type: 'not-admitted', sharePercent, bucketPercent: 0 }
  if (boundAtMs >= keepsSinceMs) return undefined
  const bucket = bucketPercent(key, hash)
  return bucket < sharePercent
    ? undefined
    : { type: 'not-admitted', sharePercent, bucketPercent: bucket }
}
