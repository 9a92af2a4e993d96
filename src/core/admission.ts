import type { Key } from '../schema/key.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import { bucketPercent } from './kernel/share.ts'
import { hashFor, type Situation } from './situation.ts'
import type { Conditioned } from './snapshot.ts'

/**
 * Why something whose share moves does not let in a client that is free to go anywhere, if so. The clients whose
 * bucket lies below the percent are let in, so that one who was at 10 % is at 25 % as well.
 */
export function admissionExclusion(
  { hash, sharePercent, admitPercent }: Conditioned,
  key: Key,
  situation: Situation,
): ExclusionReason | undefined {
  // How many to let in was solved from the clients that affinity keeps; elsewhere nobody is kept.
  const percent = situation.hasAffinity ? admitPercent : sharePercent
  if (percent >= 100) return undefined
  const bucket = bucketPercent(hashFor(key, situation), hash)
  if (bucket < percent) return undefined
  return { type: 'not-admitted', sharePercent: percent, bucketPercent: bucket }
}
