import ipaddr from 'ipaddr.js'

/** A range of addresses: those whose first `prefix` bits are those of `words`. */
export interface Block {
  readonly family: 4 | 6
  /** The address as 32-bit words, one or four of them. */
  readonly words: readonly number[]
  readonly prefix: number
}

/** An address in words. */
export interface Address {
  readonly family: 4 | 6
  readonly words: readonly number[]
}

/** Takes a CIDR block or a single address apart. IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) counts as IPv4. */
export function parseBlock(text: string): Block {
  const [base = '', length] = text.split('/')
  const parsed = ipaddr.parse(base)
  const bits = parsed.kind() === 'ipv4' ? 32 : 128
  const prefix = length === undefined ? bits : Number(length)
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && prefix >= 96) {
    return { ...toAddress(parsed.toIPv4Address()), prefix: prefix - 96 }
  }
  return { ...toAddress(parsed), prefix }
}

/** Takes the address of a client apart; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  return ipaddr.isValid(text) ? toAddress(ipaddr.process(text)) : undefined
}

/** Whether an address is in a block. */
export function isInBlock(address: Address, { family, words, prefix }: Block): boolean {
  if (address.family !== family) return false
  let bits = prefix
  for (let at = 0; bits > 0; at += 1, bits -= 32) {
    const differs = (address.words[at] ?? 0) ^ (words[at] ?? 0)
    // A shift by 32 would be a shift by 0, which is what a whole word needs.
    if (differs >>> (bits < 32 ? 32 - bits : 0) !== 0) return false
  }
  return true
}

/** How narrow a block is among all blocks: an IPv4 `/n` counts as the `/(96 + n)` it is mapped to. */
export function narrownessOf({ family, prefix }: Block): number {
  return family === 4 ? prefix + 96 : prefix
}

function toAddress(address: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const bytes = address.toByteArray()
  const words: number[] = []
  for (let at = 0; at < bytes.length; at += 4) {
    const [first = 0, second = 0, third = 0, fourth = 0] = bytes.slice(at, at + 4)
    words.push(((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0)
  }
  return { family: words.length === 1 ? 4 : 6, words }
}
