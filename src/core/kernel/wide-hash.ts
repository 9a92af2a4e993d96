import { mix } from './hash.ts'

/**
 * A hash that stands for what it was made of: 53 bits, as many as a number holds. Of a million keys two are
 * the same by a chance of 1 in 18,000.
 */
export type WideHash = number

/** Text to its hash, in one pass over two lanes. `salt` sets families of keys apart. */
export function hashTextWide(text: string, salt: number): WideHash {
  let low = salt ^ 0x811c9dc5
  let high = salt ^ 0x9e3779b9
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x5f356495)
  }
  return toWide(high, low)
}

/** Two 32-bit words to their hash. */
export function hashWordsWide(first: number, second: number, salt: number): WideHash {
  const low = mix(first ^ salt) ^ Math.imul(second, 0x9e3779b1)
  const high = mix(second ^ Math.imul(salt, 0x85ebca6b)) ^ Math.imul(first, 0xc2b2ae35)
  return toWide(high, low)
}

/** Each lane is mixed with the other, so that 21 bits of one are as good as any other 21. */
function toWide(high: number, low: number): WideHash {
  const mixedLow = mix(low ^ Math.imul(high, 0x27d4eb2f))
  const mixedHigh = mix(high ^ Math.imul(mixedLow, 0x165667b1))
  return (mixedLow >>> 11) * 0x1_0000_0000 + mixedHigh
}
