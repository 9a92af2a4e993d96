/** What was seen in one slice of time. */
export interface Sample {
  /** Since the story began, at the end of the slice. */
  readonly atMs: number
  /** Answers by the pool that gave them. */
  readonly answers: Readonly<Record<string, number>>
  /** Requests that no origin answered well, as their client saw it. */
  readonly errors: number
  /** What the router says of the pool that the story is about. */
  readonly sharePercent: number
  readonly usable: number
  readonly why: string
}

/** Something that happened: done by the story, or seen in the router. */
export interface Mark {
  readonly atMs: number
  readonly text: string
  readonly by: 'story' | 'router'
}

/** What the pool that the story is about is due at that moment, in percent of all requests. */
export function dueOf({ usable, sharePercent }: Sample, heroPercent: number): number {
  return usable === 0 ? 0 : (heroPercent * sharePercent) / 100
}

/** A whole story. */
export interface StoryRecord {
  readonly pools: readonly string[]
  /** The pool that falls and comes back. */
  readonly hero: string
  /** What it answers when all is well, in percent of the requests. */
  readonly heroPercent: number
  readonly samples: readonly Sample[]
  readonly marks: readonly Mark[]
}

/** The part of the answers of some slices that came from a pool, in percent; 0 when there were none. */
export function shareOf(samples: readonly Sample[], pool: string): number {
  let all = 0
  let own = 0
  for (const { answers } of samples) {
    for (const count of Object.values(answers)) all += count
    own += answers[pool] ?? 0
  }
  return all === 0 ? 0 : (100 * own) / all
}
