import type { Answering } from './answers.ts'
import { type Line, lineOf, type Serving } from './line.ts'
import { type NamedPlace, placesOf } from './places.ts'
import { type Answer, answeringFirst, type Choice, nothingOf, type Scope } from './strategy.ts'
import { listWords } from './words.ts'

/**
 * For each place that the route names, and for all others, the pool that a request from there would go to. A place
 * where nobody may serve keeps what it has when all is well, so that one such place does not hold up the others:
 * without a set of its own it would get that of a wider place, and its data be where they must not be.
 */
export function chooseGeo(scope: Scope): Choice | undefined {
  const { steer } = scope.route.route
  if (steer?.policy !== 'geo' || !scope.abilities.variants.includes('place')) return undefined
  const found = placesOf(steer, scope.abilities.regionsOf).map((place) => ({
    place,
    now: answeringIn(scope, place),
  }))
  if (found.every(({ now }) => now === undefined)) return undefined
  const answers: Answer[] = []
  const words: string[] = []
  for (const { place, now } of found) {
    const pool = now?.answering ?? calmAnswering(scope, place)
    // A place that is left out would be answered as a wider one: rather nothing is said at all.
    if (pool === undefined) return nothingOf(scope)
    const variant = { by: 'place', id: place.id, place: place.place } as const
    answers.push({ values: pool.values, variant })
    const how = now?.answering ? SAID[now.tolerance] : AS_EVER
    words.push(`${place.id} "${pool.pool.id}"${how}`)
  }
  const said = `Route "${scope.route.id}" goes by place: ${listWords(words)}.`
  return { answers, words: said, tolerance: 'none' }
}

/** What is said of a place where nobody may serve. */
const AS_EVER = ' (as ever, since nobody may serve)'

/** How far the decision for a place had to go. */
const SAID: Readonly<Record<Line['tolerance'], string>> = {
  none: '',
  'last-resort': ' (not all back yet)',
  reserve: ' (in reserve)',
  fallback: ' (the fallback pool)',
}

function answeringIn(scope: Scope, place: NamedPlace) {
  const facts = { ...scope.facts, client: place.client }
  const line = lineOf(scope.route, facts, scope.inputs)
  if (line === undefined) return undefined
  const [answering] = answeringFirst(scope, heaviestFirst(line.pools, place), 1)
  return { tolerance: line.tolerance, answering }
}

function calmAnswering(scope: Scope, place: NamedPlace): Answering | undefined {
  return answeringIn({ ...scope, inputs: scope.calm }, place)?.answering
}

/** Where a place has weights, its heaviest pool is meant, else its first; those of wider places stay behind. */
function heaviestFirst(pools: readonly Serving[], { set }: NamedPlace): readonly Serving[] {
  const weights = new Map(set.members.map(({ pool, weight }) => [pool, weight]))
  const weightOf = ({ pool }: Serving) => weights.get(pool.id) ?? -1
  return pools.toSorted((one, other) => weightOf(other) - weightOf(one))
}
