import type { Actor } from '../../schema/deed.ts'
import type { InterlockRefusal } from '../../schema/interlock.ts'
import type { Notice } from '../../schema/notice.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import type { TrafficEffect } from './event.ts'
import { toSubject, type TrafficState } from './state.ts'

/** What is told, as far as it differs from one notice to the next. */
export interface News extends Pick<
  Notice,
  'kind' | 'severity' | 'title' | 'text' | 'dedupKey' | 'resolves'
> {
  readonly subject: RampSubject
}

/** Makes an effect of something that operators want to know. */
export function notice(state: TrafficState, news: News, atMs: number): TrafficEffect {
  const { subject, dedupKey, title, text } = news
  const pool = subject.type === 'origin' ? state.plan?.poolOf[subject.id] : undefined
  const home = subject.type === 'pool' ? subject.id : pool
  const origins = home === undefined ? undefined : state.plan?.pools[home]?.origins
  return {
    type: 'notice',
    notice: {
      ...news,
      id: `${dedupKey}@${atMs}`.slice(0, 128),
      title: title.slice(0, 200),
      text: text.slice(0, 1024),
      subject: {
        ...subject,
        ...(pool !== undefined && { pool }),
        ...(origins && { origins: Object.keys(origins).length }),
      },
      atMs,
    },
  }
}

/** Tells that an operator went past interlocks, if it was so. */
export function overrodeNotice(
  state: TrafficState,
  { key, actor, refusals }: Overriding,
  nowMs: number,
): TrafficEffect[] {
  if (refusals.length === 0) return []
  const subject = toSubject(key)
  const news = {
    kind: 'interlock',
    severity: 'warning',
    subject,
    title: `${actor.name} went past ${refusals.map(({ type }) => type).join(', ')} at ${key}`,
    text: JSON.stringify(refusals),
    dedupKey: `interlock:${key}`,
    resolves: false,
  } as const
  return [notice(state, news, nowMs)]
}

/** Who went past which interlocks. */
interface Overriding {
  readonly key: string
  readonly actor: Actor
  readonly refusals: readonly InterlockRefusal[]
}
