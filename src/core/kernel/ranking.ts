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
export function limitOf({ take, members, scores }: Ranking): number {
  return members.length < take ? Infinity : (scores[take - 1] ?? Infinity)
}

/** Puts a member in its place, if it is among the best so far. */
export function offer(ranking: Ranking, member: number, score: number): void {
  const { members, scores, take } = ranking
  if (score > limitOf(ranking)) return
  let at = members.length
  while (at > 0 && precedes(ranking, { member, score }, at - 1)) {
    members[at] = members[at - 1] ?? 0
    scores[at] = scores[at - 1] ?? 0
    at -= 1
  }
  if (at >= take) return
  members[at] = member
  scores[at] = score
  if (members.length > take) {
    members.pop()
    scores.pop()
  }
}

interface Candidate {
  readonly member: number
  readonly score: number
}

function precedes(ranking: Ranking, { member, score }: Candidate, at: number): boolean {
  const other = ranking.scores[at] ?? Infinity
  if (score !== other) return score < other
  const { tie } = ranking
  return tie !== undefined && tie(member) < tie(ranking.members[at] ?? 0)
}
