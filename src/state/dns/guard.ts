import type { Freeze, Held } from '../../schema/dns-answer.ts'
import { toMarkText } from '../../schema/dns-mark.ts'
import type { RecordSet, WantedRecord } from '../../schema/dns-record-set.ts'
import { clip } from '../outbox/notice.ts'
import { countAnswers, keyText } from './record-set.ts'
import { type RecordState, ZONE } from './state.ts'
import type { RecordTerms } from './terms.ts'

const LONGEST_WORDS = 1024

/** What is remembered of a record that guards go by. */
export type History = Pick<
  RecordState,
  'sinceMs' | 'otherSinceMs' | 'wellSinceMs' | 'answersAtMs' | 'ttlAtMs' | 'pause'
>

/** All that the guards of one record look at. */
export interface RecordGuard {
  readonly wanted: WantedRecord
  /** All that stands under its name and type. */
  readonly sets: readonly RecordSet[]
  readonly owner: string
  readonly terms: RecordTerms
  readonly history: History
  readonly frozen: Freeze | undefined
  readonly nowMs: number
}

/** What holds a record whatever would be changed, if its sets are not ours alone. */
export function strangerIn({ wanted, sets, owner }: RecordGuard): Held | undefined {
  const { record } = wanted
  const unmarked = sets.find(({ mark }) => mark === undefined)
  if (unmarked !== undefined) {
    const mark = toMarkText({ owner, record })
    const words = `${keyText(unmarked)} stands there without a mark and is not touched: remove it, or mark it with "${mark}" to hand it over`
    return held(record, 'unmarked', words)
  }
  const foreign = sets.find(({ mark }) => mark?.owner !== owner)
  if (foreign === undefined) return undefined
  const words = `${keyText(foreign)} belongs to "${foreign.mark?.owner}" and not to "${owner}": it is not touched`
  return held(record, 'foreign-owner', words)
}

/** What holds every change of a record that is ours. */
export function barOf({ wanted, terms, history, frozen, nowMs }: RecordGuard): Held | undefined {
  const { record } = wanted
  if (frozen !== undefined) {
    return held(record, 'frozen', `by ${frozen.by.name}: ${frozen.reason}`)
  }
  if (terms.dryRun) return held(record, 'dry-run', 'its changes are only told')
  const { pause } = history
  if (pause === null) return undefined
  const untilMs = pause.sinceMs + pause.pauseMs
  if (untilMs <= nowMs) return undefined
  return held(record, pause.isConflict ? 'conflict' : 'back-off', pause.failure.detail, untilMs)
}

/** What holds a change of answers. Where nothing stands nothing can be lost, and nobody waits. */
export function answersHoldOf(guard: RecordGuard): Held | undefined {
  const { wanted, sets, terms, history, nowMs } = guard
  const { record } = wanted
  if (sets.length === 0) return undefined
  const [before, after] = [countAnswers(sets), countAnswers(wanted.sets)]
  if (after < terms.minimumAnswers && after < before) {
    const words = `${after} of ${before} answers would be left, and minimumAnswers is ${terms.minimumAnswers}`
    return held(record, 'minimum-answers', words)
  }
  const settledMs = settledAtMs(terms, history)
  if (settledMs > nowMs) {
    const words = `has not been wanted for ${seconds(terms.settleMs)} yet (settle)`
    return held(record, 'settling', words, settledMs)
  }
  const freeMs = history.answersAtMs === null ? nowMs : history.answersAtMs + terms.holdMs
  if (freeMs <= nowMs) return undefined
  return held(record, 'hold-time', `changed less than ${seconds(terms.holdMs)} ago`, freeMs)
}

/** What holds a change of nothing but the TTL: any change that is too young. */
export function ttlHoldOf({ wanted, terms, history, nowMs }: RecordGuard): Held | undefined {
  const { answersAtMs, ttlAtMs } = history
  const lastMs = Math.max(answersAtMs ?? -Infinity, ttlAtMs ?? -Infinity)
  const freeMs = lastMs + terms.holdMs
  if (freeMs <= nowMs) return undefined
  const words = `changed less than ${seconds(terms.holdMs)} ago: its TTL waits`
  return held(wanted.record, 'hold-time', words, freeMs)
}

/** What keeps a TTL from being raised: something was not well a short while ago. */
export function raiseHoldOf({ wanted, terms, history, nowMs }: RecordGuard): Held | undefined {
  const { record } = wanted
  if (history.wellSinceMs === null)
    return held(record, 'settling', 'its TTL stays while it is degraded')
  const untilMs = history.wellSinceMs + terms.settleMs
  if (untilMs <= nowMs) return undefined
  const words = `its TTL is restored when all has been well for ${seconds(terms.settleMs)}`
  return held(record, 'settling', words, untilMs)
}

/** It was wanted for long enough, or what stands has not been wanted for much longer than that. */
function settledAtMs({ settleMs }: RecordTerms, { sinceMs, otherSinceMs }: History): number {
  const patientMs = otherSinceMs === null ? Infinity : otherSinceMs + ZONE.patience * settleMs
  return Math.min(sinceMs + settleMs, patientMs)
}

/** A record that is held. */
export function held(
  record: string,
  guard: Held['guard'],
  ...[text, untilMs]: readonly [text: string, untilMs?: number]
): Held {
  const words = clip(text, LONGEST_WORDS)
  return { record, guard, words, ...(untilMs !== undefined && { untilMs }) }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}
