import * as z from 'zod'
import { Health } from '../../schema/health.ts'
import type { HoldDown } from '../../schema/ramp.ts'
import {
  HoldState,
  fall,
  holdMsOf,
  initialHold,
  rebaseHold,
  recover,
  remainingHoldMs,
} from '../hold-down.ts'
import { joinEvidence, toEvidence, toGrounds } from './evidence.ts'
import type { Judgement } from './judgement.ts'

/** What was known holds for so long when nothing is seen any more. */
const BLANK_MS = 600_000

/** News of the same health is told no more often than this. */
const NEWS_MS = 30_000

/** The health of an origin as it was last told, and what decides whether another may follow. */
export const Standing = z.object({
  health: Health,
  evidence: z.string(),
  /** What the evidence rests on; see `toGrounds`. */
  grounds: z.string(),
  /** Since when the health is this one. */
  sinceMs: z.number(),
  holdsUntilMs: z.number().nullable(),
  /** Rises with everything that there is to tell; 0 when there was nothing yet. */
  sequence: z.number(),
  toldAtMs: z.number().describe('When the sequence last rose.'),
  hold: HoldState,
  /** Since when nothing is seen; null while something is. */
  blankSinceMs: z.number().nullable(),
  /** Whether traffic alone condemned it. */
  fellByTrafficAlone: z.boolean(),
})
export type Standing = z.output<typeof Standing>

/** Nothing is known, and nothing was ever told. */
export const initialStanding: Standing = {
  health: 'unknown',
  evidence: '',
  grounds: '',
  sinceMs: 0,
  holdsUntilMs: null,
  sequence: 0,
  toldAtMs: 0,
  hold: initialHold,
  blankSinceMs: null,
  fellByTrafficAlone: false,
}

/** What the next standing depends on beside the last one. */
export interface StandingContext {
  readonly judgement: Judgement
  readonly holdDown: HoldDown
  readonly nowMs: number
}

/**
 * The standing after a judgement; the same value when nothing has changed. An origin that fell again soon after
 * it had recovered stays unhealthy for its hold-down, however well it looks. One that only traffic condemned
 * stays out for at least the base, and is then unknown: with no probe, only traffic can tell. Where nothing is
 * seen any more, what was known holds for ten minutes.
 */
export function nextStanding(before: Standing, context: StandingContext): Standing {
  const { judgement, nowMs } = context
  const standing = noteSight({ ...before, hold: rebaseHold(before.hold, nowMs) }, context)
  const health = healthOf(standing, context)
  const changed = health === standing.health ? standing : change(standing, health, context)
  const holdsUntilMs = holdsUntil(changed, nowMs)
  const grounds = groundsOf(changed, judgement, nowMs)
  const isNews = grounds !== before.grounds || holdsUntilMs !== before.holdsUntilMs
  // A time that lies ahead is one that the clock has jumped back from.
  const isDue = nowMs - before.toldAtMs >= NEWS_MS || nowMs < before.toldAtMs
  if (health !== before.health || (before.sequence > 0 && isNews && isDue)) {
    const sequence = Math.max(before.sequence + 1, nowMs)
    const evidence = describe(changed, judgement, nowMs)
    return { ...changed, evidence, grounds, holdsUntilMs, sequence, toldAtMs: nowMs }
  }
  return isSame(before, changed) ? before : changed
}

function isSame(left: Standing, right: Standing): boolean {
  if (left.hold !== right.hold || left.blankSinceMs !== right.blankSinceMs) return false
  return left.fellByTrafficAlone === right.fellByTrafficAlone
}

/** The evidence of this moment for what stands. */
export function describe(standing: Standing, judgement: Judgement, nowMs: number): string {
  const { hold, blankSinceMs, fellByTrafficAlone } = standing
  const parts = [toEvidence(judgement)]
  if (isHeldBack(standing, judgement, nowMs)) {
    const flap = hold.flaps > 0 ? `, flap ${hold.flaps}` : ''
    parts.unshift(`held down for ${hold.holdMs / 1000} s from its fall${flap}`)
  }
  if (blankSinceMs !== null && !fellByTrafficAlone) {
    parts.push(`nothing seen: what was known holds for ${BLANK_MS / 60_000} min at most`)
  }
  return joinEvidence(parts)
}

/** Whether only its hold-down keeps it out. */
function isHeldBack({ health, hold }: Standing, judgement: Judgement, nowMs: number): boolean {
  if (health !== 'unhealthy' || judgement.health === 'unhealthy') return false
  return remainingHoldMs(hold, nowMs) > 0
}

/** When time alone makes another standing of it; undefined when it never does. */
export function standingDueMs(standing: Standing, nowMs: number): number | undefined {
  const { health, hold, blankSinceMs } = standing
  const remainingMs = health === 'unhealthy' ? remainingHoldMs(hold, nowMs) : 0
  if (remainingMs > 0) return nowMs + remainingMs
  return blankSinceMs === null ? undefined : blankSinceMs + BLANK_MS
}

function noteSight(standing: Standing, { judgement, nowMs }: StandingContext): Standing {
  if (judgement.health === undefined) {
    if (standing.health === 'unknown') return { ...standing, blankSinceMs: null }
    // Counted from when it was noticed, and never from a time to come: a clock that jumps ahead makes every vote
    // old at once.
    return { ...standing, blankSinceMs: Math.min(standing.blankSinceMs ?? nowMs, nowMs) }
  }
  const isAlone = standing.fellByTrafficAlone
  // Condemned by probes since: it is for them to say when it is well.
  const fellByTrafficAlone =
    isAlone && (judgement.health !== 'unhealthy' || judgement.isByTrafficAlone)
  return { ...standing, blankSinceMs: null, fellByTrafficAlone }
}

function healthOf(standing: Standing, { judgement, nowMs }: StandingContext): Health {
  const { health, hold, blankSinceMs, fellByTrafficAlone } = standing
  const isHeld = health === 'unhealthy' && remainingHoldMs(hold, nowMs) > 0
  if (isHeld) return 'unhealthy'
  if (judgement.health !== undefined) return judgement.health
  // Traffic keeps away from it, so that no traffic says nothing.
  if (health === 'unhealthy' && fellByTrafficAlone) return 'unknown'
  const blankMs = nowMs - (blankSinceMs ?? nowMs)
  return blankMs >= BLANK_MS ? 'unknown' : health
}

function change(
  standing: Standing,
  health: Health,
  { judgement, holdDown, nowMs }: StandingContext,
): Standing {
  const blankSinceMs = health === 'unknown' ? null : standing.blankSinceMs
  const changed = { ...standing, health, sinceMs: nowMs, blankSinceMs }
  if (health !== 'unhealthy') return { ...changed, hold: recover(standing.hold, nowMs) }
  const fellByTrafficAlone = judgement.isByTrafficAlone
  const hold = fall(standing.hold, holdDown, nowMs)
  const holdMs = fellByTrafficAlone ? holdMsOf(holdDown, hold.flaps + 1) : hold.holdMs
  return { ...changed, fellByTrafficAlone, hold: { ...hold, holdMs } }
}

function holdsUntil({ health, hold, blankSinceMs }: Standing, nowMs: number): number | null {
  if (health === 'unhealthy' && remainingHoldMs(hold, nowMs) > 0) {
    return (hold.fellAtMs ?? nowMs) + hold.holdMs
  }
  return blankSinceMs === null ? null : blankSinceMs + BLANK_MS
}

function groundsOf(standing: Standing, judgement: Judgement, nowMs: number): string {
  const grounds = toGrounds(judgement)
  return isHeldBack(standing, judgement, nowMs) ? `held; ${grounds}` : grounds
}
