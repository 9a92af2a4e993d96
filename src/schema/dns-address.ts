const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/
const GROUP = /^[0-9a-f]{1,4}$/

/** An IPv4 address as four numbers; undefined when it is none. A leading zero, octal to some readers, is refused. */
export function parseIpv4(text: string): readonly number[] | undefined {
  if (!IPV4.test(text)) return undefined
  const octets = text.split('.').map(Number)
  return octets.every((octet) => octet <= 255) ? octets : undefined
}

/** An IPv6 address (RFC 4291 §2.2) as its eight groups; undefined when it is none, or has a zone. */
export function parseIpv6(text: string): readonly number[] | undefined {
  const [head = '', tail, ...more] = text.toLowerCase().split('::')
  if (more.length > 0) return undefined
  const before = groupsOf(head, tail === undefined)
  const after = tail === undefined ? [] : groupsOf(tail, true)
  if (before === undefined || after === undefined) return undefined
  const zeros = 8 - before.length - after.length
  // "::" stands for one group or more; without it, all eight are written.
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined
  return [...before, ...Array.from({ length: zeros }, () => 0), ...after]
}

function groupsOf(part: string, isLast: boolean): readonly number[] | undefined {
  if (part === '') return []
  const words = part.split(':')
  const octets = isLast ? parseIpv4(words.at(-1) ?? '') : undefined
  if (octets) words.pop()
  if (!words.every((word) => GROUP.test(word))) return undefined
  const [first = 0, second = 0, third = 0, fourth = 0] = octets ?? []
  const groups = words.map((word) => Number.parseInt(word, 16))
  return octets ? [...groups, first * 256 + second, third * 256 + fourth] : groups
}

/** The text of eight groups as RFC 5952 §4 and §5 have it: lower case, the longest run of zeros as "::". */
export function toIpv6Text(groups: readonly number[]): string {
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) {
    const [high = 0, low = 0] = groups.slice(6)
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  const { start, length } = longestZeros(groups)
  const words = groups.map((group) => group.toString(16))
  if (length < 2) return words.join(':')
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`
}

function longestZeros(groups: readonly number[]): {
  readonly start: number
  readonly length: number
} {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: at - length + 1, length }
  }
  return best
}
