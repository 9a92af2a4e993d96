/**
 * The best few of a run of candidates, smallest score first, kept as they come by. What is beyond `take`
 * falls off, so that a long run costs one comparison for most of its candidates and is never sorted.
 */
export interface Ranking {
  readonly take: number
  readonly members: number[]
  /** Aligned with `members`. */
  readonly scores: number[]
  /** Breaks a tie of scores, smaller first; asked only then. Equal again: the earlier offered is first. */
  readonly tie: ((member: number) => number) | undefined
}

/** An empty ranking of at most `take` members. */
export function startRanking(take: number, tie?: (member: number) => number): Ranking {
  return { take, members: [], scores: [], tie }
}

/** The score above which an offer is in vain: infinite as long as there is room. */
export function limitOf({ take, scores }: Ranking): number {
  return scores.length < take ? Infinity : (scores[take - 1] ?? Infinity)
}

/** Puts a member in its place, if it is among the best so far. */
export function offer(ranking: Ranking, member: number, score: number): void {
  const { take, members, scores, tie } = ranking
  let at = scores.length
  while (at > 0) {
    const other = scores[at - 1] ?? Infinity
    const rival = members[at - 1] ?? 0
    if (score > other) break
    if (score === other && (tie === undefined || tie(member) >= tie(rival))) break
    // The last of a full ranking falls off.
    if (at < take) {
      members[at] = rival
      scores[at] = other
    }
    at -= 1
  }
  if (at >= take) return
  members[at] = member
  scores[at] = score
}
