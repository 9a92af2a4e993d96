/** An address as 32-bit words: one for IPv4, four for IPv6. */
export interface Address {
  readonly family: 4 | 6
  readonly words: readonly number[]
}

/** A range of addresses: those whose first `prefix` bits are those of `words`. */
export interface Block extends Address {
  readonly prefix: number
}

/** The longest text of an address: six groups and a dotted quad. */
const TEXT_LENGTH = 45
const BYTE = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-fA-F]{1,4}$/

/**
 * Takes an address apart (RFC 4291 §2.2); undefined when it is none. IPv4-mapped IPv6 (§2.5.5.2) counts as
 * IPv4. Ours because a list of blocked clients is asked at every request, and ipaddr.js 2.5.0 takes four
 * times as long; the tests hold this one against that one.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > TEXT_LENGTH) return undefined
  if (!text.includes(':')) {
    const word = parseQuad(text)
    return word === undefined ? undefined : { family: 4, words: [word] }
  }
  const words = parseGroups(text)
  if (!words) return undefined
  return isMapped(words) ? { family: 4, words: words.slice(3) } : { family: 6, words }
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

function parseQuad(text: string): number | undefined {
  const bytes = text.split('.')
  if (bytes.length !== 4) return undefined
  let word = 0
  for (const byte of bytes) {
    if (!BYTE.test(byte) || Number(byte) > 255) return undefined
    word = word * 256 + Number(byte)
  }
  return word
}

function parseGroups(text: string): number[] | undefined {
  const [head = '', tail, extra] = withoutQuad(text).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = 8 - left.length - right.length
  if (extra !== undefined || (tail === undefined ? missing !== 0 : missing < 1)) return undefined
  const groups = [0, 0, 0, 0, 0, 0, 0, 0]
  if (!writeGroups(groups, left, 0)) return undefined
  if (!writeGroups(groups, right, 8 - right.length)) return undefined
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  return [toWord(a, b), toWord(c, d), toWord(e, f), toWord(g, h)]
}

function writeGroups(groups: number[], texts: readonly string[], start: number): boolean {
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] ?? ''
    if (!GROUP.test(text)) return false
    groups[start + index] = Number.parseInt(text, 16)
  }
  return true
}

function toWord(high: number, low: number): number {
  return high * 65_536 + low
}

/** Writes a dotted quad at the end as the two groups that it stands for. */
function withoutQuad(text: string): string {
  const start = text.lastIndexOf(':') + 1
  const quad = text.includes('.') ? parseQuad(text.slice(start)) : undefined
  if (quad === undefined) return text
  const groups = `${(quad >>> 16).toString(16)}:${(quad & 0xffff).toString(16)}`
  return `${text.slice(0, start)}${groups}`
}

function isMapped(words: readonly number[]): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff
}
