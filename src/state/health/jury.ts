import { type Isolates, everyIsolate, halfAt, shift } from './isolates.ts'

/** How many of those that have seen enough see the origin fail. */
export interface Jury {
  readonly jurors: number
  readonly failing: number
}

/** What the jurors go by. */
export interface JuryContext {
  readonly failureRate: number
  readonly windowMs: number
  readonly nowMs: number
}

/**
 * Lets the isolates judge, each once however much it sees: one that is broken itself must not outvote the
 * others. Those that have seen too little to judge alone do so together, several to a juror.
 */
export function askJury(isolates: Isolates, context: JuryContext): Jury {
  const { failureRate, windowMs, nowMs } = context
  const enough = Math.max(5, Math.ceil(2 / failureRate))
  const half = halfAt(nowMs, windowMs)
  let jurors = 0
  let failing = 0
  let pending = { requests: 0, failing: 0 }
  const judge = (seen: typeof pending) => {
    jurors += 1
    if (seen.failing >= seen.requests * failureRate) failing += 1
  }
  for (const isolate of everyIsolate(isolates)) {
    const shifted = shift(isolate, half)
    const seen = { requests: total(shifted.requests), failing: total(shifted.failing) }
    if (seen.requests >= enough) {
      judge(seen)
      continue
    }
    pending = {
      requests: pending.requests + seen.requests,
      failing: pending.failing + seen.failing,
    }
    if (pending.requests < enough) continue
    judge(pending)
    pending = { requests: 0, failing: 0 }
  }
  if (jurors === 0 && pending.requests > 0) judge(pending)
  return { jurors, failing }
}

function total([now, before]: readonly [number, number]): number {
  return now + before
}
