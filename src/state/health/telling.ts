import * as z from 'zod'
import type { Standing } from './standing.ts'

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** After so many failures the listener is away for longer, and is asked once a minute. */
const PATIENCE = 6
const PATIENT_PAUSE_MS = 60_000
/** An attempt that has said nothing for so long is lost. Longer than a call may take. */
const LEASE_MS = 15_000
/** What is not as it should be is said again now and then: the listener may have lost its memory. */
const AGAIN_MS = 600_000

/** What the control object has heard. */
export const Heard = z.object({ sequence: z.number(), atMs: z.number() })
export type Heard = z.output<typeof Heard>

/** An attempt to tell. It is lost when the object ends, and then made again. */
export interface Telling {
  /** What it is about; -1 when there was none. */
  readonly sequence: number
  readonly failures: number
  /** When the next one may follow. */
  readonly nextAtMs: number
}

/** Nothing was told, and nothing heard. */
export const initialHeard: Heard = { sequence: -1, atMs: 0 }
export const initialTelling: Telling = { sequence: -1, failures: 0, nextAtMs: 0 }

/** Whether there is something to tell, heard or not. */
export function isToTell({ sequence, health }: Standing, heard: Heard, nowMs: number): boolean {
  if (sequence === 0) return false
  if (sequence > heard.sequence) return true
  if (health === 'healthy' || health === 'unknown') return false
  return nowMs - heard.atMs >= AGAIN_MS || nowMs < heard.atMs
}

/** The attempt to begin now; undefined while one is under way, or pauses. News is told at once. */
export function beginTelling(
  telling: Telling,
  { sequence }: Standing,
  nowMs: number,
): Telling | undefined {
  const isNews = telling.sequence !== sequence
  const pauseMs = telling.nextAtMs - nowMs
  // A pause that is longer than any ever set is left over from a clock that has jumped back.
  if (!isNews && pauseMs > 0 && pauseMs <= PATIENT_PAUSE_MS) return undefined
  return { sequence, failures: isNews ? 0 : telling.failures, nextAtMs: nowMs + LEASE_MS }
}

/** After an attempt that nobody heard. A late word of an earlier one changes nothing. */
export function failTelling(telling: Telling, sequence: number, nowMs: number): Telling {
  if (telling.sequence !== sequence) return telling
  const { failures } = telling
  const doubledMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 16), LONGEST_PAUSE_MS)
  const pauseMs = failures >= PATIENCE ? PATIENT_PAUSE_MS : doubledMs
  return { sequence, failures: failures + 1, nextAtMs: nowMs + pauseMs }
}
