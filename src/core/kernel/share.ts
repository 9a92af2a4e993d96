import { combine, mix, toUnit } from './hash.ts'

/** Keeps buckets independent of the order that the same key and hash give: "shar" in ASCII. */
const SALT = 0x73686172

/**
 * Where a key falls for one member, in percent [0, 100): evenly over keys, and independently for each member
 * and of the member's place in any order. A member takes the keys that fall below its share, so that one
 * admitted at 10 % is admitted at 25 % as well.
 */
export function bucketPercent(key: number, hash: number): number {
  return 100 * toUnit(combine(key, mix(hash ^ SALT)))
}
