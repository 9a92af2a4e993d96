import type { Key } from '../schema/key.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import { hashChance, mix } from './kernel/hash.ts'
import { bucketPercent } from './kernel/share.ts'
import { hashFor, type Situation } from './situation.ts'
import type { CompiledPool, Conditioned } from './snapshot.ts'

/** Keeps who is shed independent of who is admitted to a share: "shed" in ASCII. */
const SALT = 0x73686564

/** Why a client that is free to go anywhere is kept away from what an operator takes load off, if so. */
export function shedExclusion(
  { shed, hash }: Conditioned,
  key: Key,
  situation: Situation,
): ExclusionReason | undefined {
  if (shed === undefined || situation.criticality === 'critical') return undefined
  const { newPercent, by } = shed
  if (newPercent === 0) return undefined
  const draw = by === 'random' ? chanceOf(situation) : hashFor(key, situation)
  return exclusionBelow(newPercent, bucketOf(draw, hash), BY_HAND)
}

/** The same for a client that is bound there, by what tells it from others: by hash in any case. */
export function sessionShedExclusion(
  { shed, hash }: Conditioned,
  bondKey: number,
  { criticality }: Situation,
): ExclusionReason | undefined {
  if (shed === undefined || criticality === 'critical') return undefined
  return exclusionBelow(shed.sessionPercent, bucketOf(bondKey, hash), BY_HAND)
}

/**
 * Why a request is kept away from a pool that this isolate sheds by itself, if so. Each request is drawn anew, so
 * that the part given away is what was measured to be too much, however few clients there are.
 */
export function overloadExclusion(
  { index, hash }: CompiledPool,
  situation: Situation,
): ExclusionReason | undefined {
  const { criticality, observations } = situation
  if (criticality === 'critical') return undefined
  const seen = observations.pools.get(index)
  if (seen === undefined) return undefined
  const percent = criticality === 'sheddable' ? seen.sheddablePercent : seen.defaultPercent
  return exclusionBelow(percent, bucketOf(chanceOf(situation), hash), seen.why)
}

const BY_HAND = 'by hand'

/** Whether an operator has taken everything off: then nobody is served there, as if it was out. */
export function isPutOut({
  why,
  shedPercent,
}: {
  readonly why: string
  readonly shedPercent: number
}): boolean {
  return why === BY_HAND && shedPercent >= 100
}

function exclusionBelow(
  shedPercent: number,
  bucket: number,
  why: string,
): ExclusionReason | undefined {
  if (bucket >= shedPercent) return undefined
  return { type: 'shed', shedPercent, bucketPercent: bucket, why }
}

function bucketOf(draw: number, hash: number): number {
  return bucketPercent(draw, mix(hash ^ SALT))
}

function chanceOf({ facts }: Situation): number {
  return hashChance(facts.random)
}
