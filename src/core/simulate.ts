import type { Condition, Conditions } from '../schema/condition.ts'
import type { Config } from '../schema/config.ts'
import {
  type Destination,
  type Simulation,
  SIMULATION_LIMITS,
  type SimulationQuestion,
} from '../schema/simulation.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { nothingSeen, type Observations } from './observation.ts'
import { takeTurn } from './order/round-robin.ts'
import { requestsOf, type WeightedFacts } from './simulation-mix.ts'
import {
  exceededOf,
  refusalsOf,
  round,
  sharesOfOrigins,
  sharesOfPools,
  type Situations,
  tolerancesOf,
} from './simulation-shares.ts'
import { count, startTally } from './simulation-tally.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * What a traffic would meet: every request is decided twice, by the very `decide` that serves requests. It goes
 * by the first attempt of isolates that have seen nothing yet: policies that compare response times or load
 * then share by weight and distance. Round-robin takes its turns, so its shares are right, while which client
 * it moves is chance.
 */
export function simulate(
  { traffic, requestsPerSecond }: Pick<SimulationQuestion, 'traffic' | 'requestsPerSecond'>,
  situations: Situations,
): Simulation {
  const requests = requestsOf(traffic)
  const [before, after] = [startTally(), startTally()]
  const [decideNow, decideThen] = [toDecider(situations.now), toDecider(situations.next)]
  const moves = new Map<string, Move>()
  for (const { facts, weight } of requests) {
    const from = count(before, decideNow(facts), weight)
    const to = count(after, decideThen(facts), weight)
    addMove(moves, { from, to, weight })
  }
  const totals = { before, after }
  const origins = sharesOfOrigins(situations, totals, requestsPerSecond)
  const moved = [...moves.values()].reduce((sum, move) => sum + move.weight, 0)
  return {
    decided: requests.length,
    marginPercent: marginOf(requests),
    origins,
    pools: sharesOfPools(situations, totals, origins),
    exceeded: exceededOf(origins),
    movedPercent: round((100 * moved) / before.total),
    moves: toMoves(moves, before.total),
    tolerances: tolerancesOf(totals),
    refusals: refusalsOf(totals),
  }
}

/** Conditions in which these origins, and all origins of these pools, are unhealthy as well. */
export function withLost<Known extends Pick<Conditions, 'origins'>>(
  { pools }: Config,
  conditions: Known,
  lost: SimulationQuestion['lost'],
): Known {
  const ids = [
    ...lost.origins,
    ...lost.pools.flatMap((pool) => Object.keys(pools[pool]?.origins ?? {})),
  ]
  const origins = ids.map((id): [string, Condition] => {
    const { sharePercent = 100, state } = conditions.origins[id] ?? {}
    return [id, { ...GONE, sharePercent, ...(state && { state }) }]
  })
  return { ...conditions, origins: { ...conditions.origins, ...Object.fromEntries(origins) } }
}

const GONE = { health: 'unhealthy', evidence: 'lost in a simulation', sinceMs: 0 } as const

/** Decides by one snapshot, with nothing seen but the turns of round-robin. */
function toDecider(snapshot: Snapshot): (facts: WeightedFacts['facts']) => Decision {
  const credits = new Map<string, readonly number[]>()
  const observations: Observations = { ...nothingSeen(snapshot), credits }
  return (facts) => {
    const decision = decide(facts, snapshot, observations)
    const turns = decision.type === 'steer' ? decision.turns : []
    for (const turn of turns) {
      const { id } = turn.group
      credits.set(id, takeTurn(turn, credits.get(id) ?? []))
    }
    return decision
  }
}

interface Move {
  readonly from: Destination
  readonly to: Destination
  readonly weight: number
}

function addMove(moves: Map<string, Move>, move: Move): void {
  const [from, to] = [JSON.stringify(move.from), JSON.stringify(move.to)]
  if (from === to) return
  const key = `${from} ${to}`
  moves.set(key, { ...move, weight: (moves.get(key)?.weight ?? 0) + move.weight })
}

function toMoves(moves: ReadonlyMap<string, Move>, total: number): Simulation['moves'] {
  return [...moves.values()]
    .toSorted((left, right) => right.weight - left.weight)
    .slice(0, SIMULATION_LIMITS.moves)
    .map(({ from, to, weight }) => ({ from, to, percent: round((100 * weight) / total) }))
}

/**
 * Two standard deviations of a share of one half, the most that any share has, for as many clients as the
 * weights amount to (Kish's effective sample size).
 */
function marginOf(requests: readonly WeightedFacts[]): number {
  const sum = requests.reduce((total, { weight }) => total + weight, 0)
  const squares = requests.reduce((total, { weight }) => total + weight * weight, 0)
  return round((100 * 1.96 * 0.5) / Math.sqrt((sum * sum) / squares))
}
