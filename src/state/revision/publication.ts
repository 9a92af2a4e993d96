import { isAhead } from '../ahead.ts'
import type { RevisionEffect, RevisionLog } from './revision.ts'

/** How publication keeps trying. */
export const PUBLICATION = {
  /** An attempt that said nothing for so long is lost. Longer than the shell waits for the store. */
  leaseMs: 15_000,
  firstRetryMs: 1000,
  longestRetryMs: 60_000,
  /** KV takes one write a second for one key (Workers KV limits): what comes sooner waits, and is one. */
  spacingMs: 1000,
  /** KV may show an older value for "up to 60 seconds or more" after a write. */
  settleMs: 300_000,
} as const

/** Gives out the next generation, to be published without delay. */
export function newGeneration(state: RevisionLog, nowMs: number): RevisionLog {
  const generatedAtMs = Math.max(nowMs, state.generatedAtMs)
  return { ...state, generation: state.generation + 1, generatedAtMs, failures: 0, retryAtMs: 0 }
}

/** Asks for the current generation to be published, unless it is, is being, or was tried a moment ago. */
export function publishIfDue(
  state: RevisionLog,
  nowMs: number,
): readonly [RevisionLog, readonly RevisionEffect[]] {
  const { current, generation, published, publishedAtMs, inFlight, retryAtMs } = state
  if (current === 0 || published >= generation) return [state, []]
  if (inFlight && isAhead(inFlight.untilMs, nowMs, PUBLICATION.leaseMs)) return [state, []]
  if (isAhead(retryAtMs, nowMs, PUBLICATION.longestRetryMs)) return [state, []]
  const { spacingMs } = PUBLICATION
  if (isAhead(publishedAtMs + spacingMs, nowMs, spacingMs)) return [state, []]
  const lease = { generation, untilMs: nowMs + PUBLICATION.leaseMs }
  return [{ ...state, inFlight: lease }, [{ type: 'publish' }]]
}

/** When the next attempt is due; undefined when nothing is left to publish. */
export function publicationWakeAtMs({
  current,
  generation,
  published,
  publishedAtMs,
  inFlight,
  retryAtMs,
}: RevisionLog): number | undefined {
  if (current === 0 || published >= generation) return undefined
  return inFlight?.untilMs ?? Math.max(retryAtMs, publishedAtMs + PUBLICATION.spacingMs)
}

/** Takes note of how an attempt to publish went. A late report of an older attempt changes little. */
export function settlePublication(
  state: RevisionLog,
  { type, generation }: { readonly type: 'published' | 'failed'; readonly generation: number },
  nowMs: number,
): RevisionLog {
  // An attempt publishes what holds when it starts, which may be newer than what it was asked for.
  const mine = state.inFlight !== null && state.inFlight.generation <= generation
  const inFlight = mine ? null : state.inFlight
  if (type === 'published') {
    const published = Math.max(state.published, generation)
    return { ...state, inFlight, published, publishedAtMs: nowMs, failures: 0, retryAtMs: 0 }
  }
  if (!mine) return state
  const doubled = PUBLICATION.firstRetryMs * 2 ** Math.min(state.failures, 16)
  const retryAtMs = nowMs + Math.min(doubled, PUBLICATION.longestRetryMs)
  return { ...state, inFlight, failures: state.failures + 1, retryAtMs }
}

/** Whether the last publication is too recent to be missed where reads lag behind writes. */
export function holdPublication(state: RevisionLog, nowMs: number): boolean {
  return isAhead(state.publishedAtMs + PUBLICATION.settleMs, nowMs, PUBLICATION.settleMs)
}
