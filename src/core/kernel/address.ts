import { combine, hashText, mix } from './hash.ts'

/** An address as 32-bit words: one for IPv4, four for IPv6. */
export interface Address {
  readonly family: 4 | 6
  readonly words: readonly number[]
}

/**
 * Takes an address apart (RFC 4291 §2.2); undefined when it is none, or has a zone. An IPv4-mapped
 * one (§2.5.5.2) is the IPv4 address. Ours because it runs at every request, and ipaddr.js 2.5.0 takes ten
 * times as long, more than the rest of a decision; the tests hold this one against that one.
 */
export function parseAddress(text: string): Address | undefined {
  const bits = parseIpv4(text)
  if (bits !== undefined) return { family: 4, words: [bits] }
  const groups = parseIpv6(text)
  if (groups === undefined) return undefined
  const words = [pair(groups, 0), pair(groups, 2), pair(groups, 4), pair(groups, 6)]
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  return isMapped ? { family: 4, words: words.slice(3) } : { family: 6, words }
}

/**
 * A client's address as a hash. IPv6 counts by its /64, the smallest net a site gets (RFC 6177): privacy
 * addresses (RFC 8981) change below it. Text that is no address is hashed as it stands.
 */
export function hashAddress(text: string): number {
  const address = parseAddress(text)
  if (address === undefined) return hashText(text)
  const [first = 0, second = 0] = address.words
  return address.family === 4 ? mix(first) : combine(first, second)
}

/** The part of an address that `hashAddress` counts, as it is written: `203.0.113.7`, `2001:db8:0:1::/64`. */
export function describeAddress(text: string): string {
  const address = parseAddress(text)
  if (address === undefined) return text
  const [first = 0, second = 0] = address.words
  if (address.family === 4) {
    return [first >>> 24, first >>> 16, first >>> 8, first].map((octet) => octet & 0xff).join('.')
  }
  const groups = [first >>> 16, first & 0xffff, second >>> 16, second & 0xffff]
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`
}

function pair(groups: readonly number[], at: number): number {
  return (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0
}

const DOT = 46
const COLON = 58

/** Dotted decimal to 32 bits. By character: this runs for each request that is keyed by its client. */
function parseIpv4(text: string): number | undefined {
  let bits = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      if (digits === 0) return undefined
      bits = (bits << 8) | octet
      octet = 0
      digits = 0
      dots += 1
      continue
    }
    // A leading zero is octal to some readers: what is read in two ways is not read at all.
    if (code < 48 || code > 57 || (digits > 0 && octet === 0)) return undefined
    octet = octet * 10 + code - 48
    digits += 1
    if (octet > 255 || digits > 3) return undefined
  }
  return dots === 3 && digits > 0 ? ((bits << 8) | octet) >>> 0 : undefined
}

/**
 * Any text form of RFC 4291 §2.2 to its eight groups. By character as well: a general parser
 * takes 3 µs for it, more than the rest of a decision.
 */
function parseIpv6(text: string): number[] | undefined {
  const { length } = text
  // One colon at an end stands for nothing; two are the gap.
  if (text[0] === ':' && text[1] !== ':') return undefined
  if (text[length - 1] === ':' && text[length - 2] !== ':') return undefined
  const groups: number[] = []
  let gap = -1
  let start = 0
  for (let at = 0; at <= length; at += 1) {
    const isEnd = at === length
    const code = isEnd ? COLON : text.charCodeAt(at)
    if (code !== COLON && code !== DOT) continue
    if (code === DOT) {
      const bits = parseIpv4(text.slice(start))
      if (bits === undefined) return undefined
      groups.push(bits >>> 16, bits & 0xffff)
      break
    }
    if (at > start) {
      const group = parseGroup(text, start, at)
      if (group === undefined) return undefined
      groups.push(group)
    } else if (at > 0 && !isEnd) {
      if (gap >= 0) return undefined
      gap = groups.length
    }
    start = at + 1
  }
  return expand(groups, gap)
}

function parseGroup(text: string, start: number, end: number): number | undefined {
  if (end - start > 4) return undefined
  let group = 0
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at)
    // Lower case by the bit that sets ASCII letters apart; digits have it already.
    const digit = code <= 57 ? code - 48 : (code | 0x20) - 87
    if (digit < 0 || digit > 15 || (code > 57 && digit < 10)) return undefined
    group = (group << 4) | digit
  }
  return group
}

/** Puts the zeros in that `::` stands for. */
function expand(groups: number[], gap: number): number[] | undefined {
  if (gap < 0) return groups.length === 8 ? groups : undefined
  if (groups.length > 7) return undefined
  const after = groups.length - gap
  const whole = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let at = 0; at < gap; at += 1) whole[at] = groups[at] ?? 0
  for (let at = 0; at < after; at += 1) whole[8 - after + at] = groups[gap + at] ?? 0
  return whole
}
