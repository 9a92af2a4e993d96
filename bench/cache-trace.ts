import { type Cost, costOf } from '../test/sim/cache/cost.ts'
import { FEEDS, PROFILES, STATIC, type Trace } from '../test/sim/cache/trace.ts'
import { LAYOUT, type Layout, playTrace, type Tally } from '../test/sim/cache/world.ts'

/** What came of one trace in one layout. */
export interface TraceStanding {
  readonly trace: string
  readonly perSecond: number
  readonly hasShield: boolean
  readonly tally: Tally
  readonly cost: Cost
}

const SEED = 2026

/** What a site without a shield does, one with, and one with ten times the readers. */
const LAYOUTS: readonly { readonly layout: Layout; readonly crowd: number }[] = [
  { layout: LAYOUT, crowd: 1 },
  { layout: { ...LAYOUT, hasShield: true }, crowd: 1 },
  { layout: LAYOUT, crowd: 10 },
]

/** Plays every trace in every layout, by the same seed: nothing of it depends on the machine. */
export function playTraces(): TraceStanding[] {
  return [STATIC, PROFILES, FEEDS].flatMap((trace) =>
    LAYOUTS.map(({ layout, crowd }) => {
      const perSecond = trace.requestsPerSecond * crowd
      const played: Trace = { ...trace, requestsPerSecond: perSecond }
      const tally = playTrace(played, layout, SEED)
      const { hasShield } = layout
      return { trace: trace.name, perSecond, hasShield, tally, cost: costOf(tally) }
    }),
  )
}
