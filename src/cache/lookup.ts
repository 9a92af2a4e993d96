import type { Kept, Tier } from './tier.ts'
import type { TierMemory, TierStanding } from './tier-memory.ts'

/** How long a tier may take to find something: then the request goes on without it. */
const TIME_MS = { colo: 250, kv: 500 } as const satisfies Record<Tier['id'], number>

/** After so many failures in a row a tier is passed over for a while: each would cost the request its whole time. */
const MOST_FAILURES = 3

const PAUSE_MS = 10_000

/** What a tier holds under a name, or `undefined` where it holds nothing, fails or takes too long. Never rejects. */
export function getInTime(
  tier: Tier,
  name: string,
  { memory, nowMs }: { readonly memory: TierMemory; readonly nowMs: number },
): Promise<Kept | undefined> {
  const standing = memory.standings[tier.id]
  if (isPaused(standing, nowMs)) {
    standing.skipped += 1
    return NOTHING
  }
  return new Promise((resolve) => {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      fail(standing, nowMs)
      resolve(undefined)
    }, TIME_MS[tier.id])
    const settle = (kept: Kept | undefined): void => {
      clearTimeout(timer)
      succeed(standing, kept)
      resolve(kept)
    }
    tier.get(name).then(
      (kept) => (isOver ? drop(kept) : settle(kept)),
      () => {
        if (isOver) return
        clearTimeout(timer)
        fail(standing, nowMs)
        resolve(undefined)
      },
    )
  })
}

const NOTHING: Promise<undefined> = Promise.resolve(undefined)

/** A clock that jumps back makes no pause longer. */
function isPaused({ skippedUntilMs }: TierStanding, nowMs: number): boolean {
  const leftMs = skippedUntilMs - nowMs
  return leftMs > 0 && leftMs <= PAUSE_MS
}

function succeed(standing: TierStanding, kept: Kept | undefined): void {
  standing.failuresInRow = 0
  if (kept) standing.hits += 1
  else standing.misses += 1
}

function fail(standing: TierStanding, nowMs: number): void {
  standing.failures += 1
  standing.failuresInRow += 1
  // One more after the pause is enough for the next.
  if (standing.failuresInRow >= MOST_FAILURES) standing.skippedUntilMs = nowMs + PAUSE_MS
}

/** It came too late: nobody reads it. */
function drop(kept: Kept | undefined): void {
  if (kept?.type === 'answer' && kept.body instanceof ReadableStream) {
    kept.body.cancel().catch(() => undefined)
  }
}
