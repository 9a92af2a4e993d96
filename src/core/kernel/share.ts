import { combine, mix, toUnit } from './hash.ts'

/** Keeps buckets independent of the order that the same key and hash give: "shar" in ASCII. */
const SALT = 0x73686172

/**
 * Where a key falls for one member, in percent [0, 100): evenly over keys, and independently for each member
 * and of the member's place in any order.
 */
export function bucketPercent(key: number, hash: number): number {
  return 100 * toUnit(combine(key, mix(hash ^ SALT)))
}

/**
 * Whether a member with a share of `sharePercent` may take this key. Monotone: a key that is admitted at one
 * share is admitted at every larger one; at 100 every key, at 0 none.
 */
export function isAdmitted(bucket: number, sharePercent: number): boolean {
  return bucket < sharePercent
}
