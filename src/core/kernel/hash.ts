/** FNV-1a over UTF-16 code units, then mixed: 32 bits, the same in every isolate and on every run. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return mix(hash)
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. Unsigned 32 bits. */
export function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** One hash from two, unsigned 32 bits; not symmetric. */
export function combine(left: number, right: number): number {
  return mix(Math.imul(left, 0x9e3779b1) ^ right)
}

/** A chance in [0, 1) as a hash: its upper 32 bits, mixed, so that it takes salts as any other hash does. */
export function hashChance(chance: number): number {
  return mix((chance * 0x1_0000_0000) >>> 0)
}

/** A hash as a number in [0, 1). */
export function toUnit(hash: number): number {
  return (hash >>> 0) / 0x1_0000_0000
}
