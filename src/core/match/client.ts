import { type Address, parseAddress } from '../kernel/address.ts'

/** A range of addresses: those whose first `prefix` bits are those of `words`. */
export interface Block extends Address {
  readonly prefix: number
}

/** Takes a CIDR block or a single address apart, as the schema lets it through. */
export function parseBlock(text: string): Block {
  const [base = '', length] = text.split('/')
  const address = parseAddress(base)
  if (!address) throw new TypeError(`not an address: ${text}`)
  const bits = base.includes(':') ? 128 : 32
  const prefix = length === undefined ? bits : Number(length)
  if (address.family === 6 || bits === 32) return { ...address, prefix }
  // A block around all mapped addresses is one of IPv6: no IPv4 block is as broad.
  return prefix >= 96
    ? { ...address, prefix: prefix - 96 }
    : { family: 6, words: [0, 0, 0xffff, ...address.words], prefix }
}

/** Whether an address is in a block. */
export function isInBlock(address: Address, { family, words, prefix }: Block): boolean {
  if (address.family !== family) return false
  let bits = prefix
  for (let at = 0; bits > 0; at += 1, bits -= 32) {
    const differing = (address.words[at] ?? 0) ^ (words[at] ?? 0)
    if (differing >>> Math.max(0, 32 - bits) !== 0) return false
  }
  return true
}

/** How narrow a block is among all blocks: an IPv4 `/n` counts as the `/(96 + n)` it is mapped to. */
export function narrownessOf({ family, prefix }: Block): number {
  return family === 4 ? prefix + 96 : prefix
}
