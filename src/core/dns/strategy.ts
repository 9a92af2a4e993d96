import type { DnsRecord } from '../../schema/dns.ts'
import type { Abilities } from '../../schema/dns-abilities.ts'
import type { RecordSet } from '../../schema/dns-record-set.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Inputs } from '../situation.ts'
import { type Answering, answeringOf, mostOf, type NamedRecord } from './answers.ts'
import { everyoneOf, type Line, lineOf, type Serving, type SteeringRoute } from './line.ts'
import { seatsInTurns } from './seats.ts'
import { listWords, poolWords } from './words.ts'

/** One record, its route, and the moment. */
export interface Scope extends NamedRecord {
  readonly route: SteeringRoute
  readonly facts: RequestFacts
  readonly inputs: Omit<Inputs, 'facts'>
  /** The same where every condition of the moment is well: what stands when nothing has happened. */
  readonly calm: Omit<Inputs, 'facts'>
  readonly abilities: Abilities
}

/** The values of a set, and which of several sets of the name it is. */
export interface Answer extends Pick<RecordSet, 'variant'> {
  readonly values: readonly string[]
}

/** What a strategy makes of the moment; no answers when nothing can be said. The words are whole sentences. */
export interface Choice {
  readonly answers: readonly Answer[]
  readonly words: string
  readonly tolerance: Line['tolerance']
}

/** The pool that a request would go to; with health checks of the provider's own, the next one behind it. */
export function chooseFailover(scope: Scope): Choice | undefined {
  const line = lineOf(scope.route, scope.facts, scope.inputs)
  if (line === undefined) return undefined
  const [first, second] = answeringFirst(scope, heaviestFirst(line.pools), 2)
  const { tolerance } = line
  if (first === undefined) return nothingOf(scope)
  const words = `Route "${scope.route.id}" goes to pool ${poolWords(first)}.`
  const { healthChecks } = scope.record
  if (healthChecks === undefined || !scope.abilities.variants.includes('failover')) {
    return { answers: [{ values: first.values }], words, tolerance }
  }
  const answers = [toRole(first, 'primary', healthChecks)]
  if (second) answers.push(toRole(second, 'secondary', healthChecks))
  const behind = second ? `Behind it, should its health check fail: pool ${poolWords(second)}.` : ''
  return { answers, words: `${words} ${behind}`.trim(), tolerance }
}

/** A policy that spreads by weight, asked for one pool, means the heaviest; the order of equals stands. */
function heaviestFirst(pools: readonly Serving[]): readonly Serving[] {
  return pools.toSorted((one, other) => other.weight - one.weight)
}

function toRole(
  { pool, values }: Answering,
  role: 'primary' | 'secondary',
  healthChecks: NonNullable<DnsRecord['healthChecks']>,
): Answer {
  const healthCheck = healthChecks[pool.id]
  const check = healthCheck === undefined ? {} : { healthCheck }
  return { values, variant: { by: 'failover', id: role, role, ...check } }
}

/** Every answer that is well, at most so many, of each pool in turns; or a set for each pool by its AWS region. */
export function chooseAllHealthy(scope: Scope): Choice | undefined {
  const line = everyoneOf(scope.route, scope.facts, scope.inputs)
  if (line === undefined) return undefined
  const { tolerance } = line
  const { latencyRegions } = scope.record
  const isByRegion = latencyRegions !== undefined && scope.abilities.variants.includes('latency')
  const pools = isByRegion
    ? answeringEach(scope, line.pools)
    : seated(answeringOf(scope, line.pools), mostOf(scope.record))
  if (pools.length === 0) return nothingOf(scope)
  const who = listWords(pools.map(poolWords))
  if (!isByRegion) {
    const words = `Of route "${scope.route.id}" everybody answers who is well: ${who}.`
    return { answers: [{ values: pools.flatMap(({ values }) => values) }], words, tolerance }
  }
  const answers = pools.flatMap(({ pool, values }): Answer[] => {
    const region = latencyRegions[pool.id]
    return region === undefined ? [] : [{ values, variant: { by: 'latency', id: pool.id, region } }]
  })
  const words = `Of route "${scope.route.id}" the nearest pool answers, of those that are well: ${who}.`
  return { answers, words, tolerance }
}

function seated(pools: readonly Answering[], most: number): Answering[] {
  const claims = pools.map(({ values, weight }) => ({ most: values.length, weight }))
  const seats = seatsInTurns(claims, most)
  return pools.flatMap((pool, at) => {
    const values = pool.values.slice(0, seats[at])
    return values.length === 0 ? [] : [{ ...pool, values }]
  })
}

/** The first of these pools that have an answer, at most so many. */
export function answeringFirst(
  named: NamedRecord,
  pools: readonly Serving[],
  most: number,
): Answering[] {
  const found: Answering[] = []
  for (const pool of pools) {
    if (found.length === most) break
    found.push(...answeringOf(named, [pool]))
  }
  return found
}

/** Each pool with its own answers: where they stand in sets of their own, two may have the same. */
export function answeringEach(named: NamedRecord, pools: readonly Serving[]): Answering[] {
  return pools.flatMap((pool) => answeringOf(named, [pool]))
}

/** Somebody may serve, but is nothing in DNS by this type. */
export function nothingOf({ record, route }: Scope): Choice {
  const words = `No origin of route "${route.id}" that may serve now has an answer of type ${record.type}.`
  return { answers: [], words, tolerance: 'none' }
}
