import type { CompiledSteer } from '../snapshot.ts'
import { type Answering, answeringOf, mostOf } from './answers.ts'
import { everyoneOf } from './line.ts'
import { seatsByWeight } from './seats.ts'
import { type Answer, answeringEach, type Choice, nothingOf, type Scope } from './strategy.ts'
import { listWords, poolWords } from './words.ts'

/** The largest weight that a record set can have (Route 53: 255). */
const HEAVIEST = 255

/** By the weights of the route: a set for each pool where the provider has weights, else by the number of answers. */
export function chooseWeighted(scope: Scope): Choice | undefined {
  const line = everyoneOf(scope.route, scope.facts, scope.inputs)
  if (line === undefined) return undefined
  const { tolerance } = line
  const isNative = scope.abilities.variants.includes('weight')
  const pools = isNative
    ? answeringEach(scope, line.pools)
    : seated(scope, answeringOf(scope, line.pools))
  if (pools.length === 0) return nothingOf(scope)
  const answers = isNative
    ? toWeights(pools, scope.route.steer)
    : [{ values: pools.flatMap(({ values }) => values) }]
  const who = pools.map((pool) => `${poolWords(pool)} by weight ${pool.weight}`)
  const words = `Of route "${scope.route.id}" pools answer by weight: ${listWords(who)}.`
  return { answers, words, tolerance }
}

function seated({ record }: Scope, pools: readonly Answering[]): Answering[] {
  const claims = pools.map(({ values, weight }) => ({ most: values.length, weight: weight || 1 }))
  const bounds = { least: record.minimumAnswers, most: mostOf(record) }
  const seats = seatsByWeight(claims, bounds)
  return pools.flatMap((pool, at) => {
    const values = pool.values.slice(0, seats[at])
    return values.length === 0 ? [] : [{ ...pool, values }]
  })
}

/**
 * Weights as they are where all of the route fit; else on the scale of the heaviest of the route, so that no pool's
 * weight moves when another goes.
 */
function toWeights(pools: readonly Answering[], { ordering, shift }: CompiledSteer): Answer[] {
  const all = Array.from((shift ?? { ordering }).ordering.group.weights, Number)
  const highest = Math.max(...all)
  const fit = all.every((weight) => Number.isInteger(weight)) && highest <= HEAVIEST
  const scale = fit || highest === 0 ? 1 : HEAVIEST / highest
  return pools.map(({ pool, values, weight }) => {
    const scaled = Math.max(1, Math.round(weight * scale))
    return { values, variant: { by: 'weight', id: pool.id, weight: scaled } }
  })
}
