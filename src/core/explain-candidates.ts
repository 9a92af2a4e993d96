import type { Candidate, PoolVerdict } from '../schema/explanation.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import { originExclusion, poolExclusion } from './eligible.ts'
import { distanceKm, type Vector } from './kernel/globe.ts'
import { describeKey } from './kernel/key.ts'
import { toExclusionWords } from './reason.ts'
import type { Situation } from './situation.ts'
import type { CompiledOrigin, CompiledPool, CompiledSteer } from './snapshot.ts'

/** What is told of: where a request could go, in which situation, and where it goes. */
export interface Told {
  /** One after the other, such as that of the writes and that of the reads behind it. */
  readonly steers: readonly CompiledSteer[]
  readonly situation: Situation
  readonly attempts: readonly string[]
  /** Where affinity keeps the client. */
  readonly kept: string | undefined
}

/** How each pool of a route stood, the fallback pool last. */
export function explainPools({ steers, situation }: Told): PoolVerdict[] {
  const { facts, snapshot } = situation
  return poolsOf(steers, situation).map((pool) => {
    const { policy, key } = pool.ordering
    const usable = pool.origins.filter((origin) => !originExclusion(origin, pool, situation)).length
    const excluded = poolExclusion({ pool, usable }, situation)
    const count = `${usable} of ${pool.origins.length} origins may serve`
    return {
      pool: pool.id,
      policy,
      key: describeKey(key, facts, snapshot.settings.sessionCookie),
      usable,
      origins: pool.origins.length,
      ...excludedPart(excluded),
      words: excluded ? `${toExclusionWords(excluded)}; ${count}` : count,
    }
  })
}

/** How each origin of a route stood, in the order of its pools. */
export function explainCandidates({ steers, situation, attempts, kept }: Told): Candidate[] {
  return poolsOf(steers, situation).flatMap((pool) =>
    pool.origins.map((origin, position) => {
      // What keeps others away does not concern a client that may stay.
      const isKept = origin.id === kept
      const excluded = isKept ? undefined : originExclusion(origin, pool, situation)
      const place = attempts.indexOf(origin.id)
      return {
        origin: origin.id,
        pool: pool.id,
        ...(place >= 0 && { attempt: place + 1 }),
        ...excludedPart(excluded),
        words: isKept ? 'attempt 1: its client is bound here' : candidateWords(excluded, place),
        weight: origin.weight,
        ...observedParts(origin, situation),
        ...distancePart(pool.ordering.group.vectors[position], situation.position),
      }
    }),
  )
}

function poolsOf(steers: Told['steers'], { snapshot }: Situation): CompiledPool[] {
  const indexes = new Set(
    steers.flatMap(({ pools, fallback }) =>
      fallback === undefined ? pools : [...pools, fallback],
    ),
  )
  return [...indexes].flatMap((index) => snapshot.pools[index] ?? [])
}

function excludedPart(excluded: ExclusionReason | undefined) {
  return excluded ? { excluded } : {}
}

function candidateWords(excluded: ExclusionReason | undefined, place: number): string {
  const standing = excluded ? toExclusionWords(excluded) : undefined
  if (place < 0) return standing ? `passed over: ${standing}` : 'not needed: others come first'
  return `attempt ${place + 1}${standing ? `, all the same: ${standing}` : ''}`
}

function observedParts(origin: CompiledOrigin, { observations }: Situation) {
  const seen = observations.origins[origin.index]
  const latencyMs = seen?.latencyMs
  return { inFlight: seen?.inFlight ?? 0, ...(latencyMs !== undefined && { latencyMs }) }
}

function distancePart(origin: Vector | undefined, client: Vector | undefined) {
  return origin && client ? { distanceKm: Math.round(distanceKm(origin, client)) } : {}
}
