import { unescapeText } from '../../src/schema/dns-text.ts'
import { ByteReader } from './reader.ts'
import type { ByteWriter } from './writer.ts'

/** The most octets of a name, and of a label of it (RFC 1035 §2.3.4). */
const MOST = { name: 255, label: 63 } as const

/** As many labels as a name can have: more pointers than that are of no use to anybody. */
const MOST_POINTERS = 127

/** The name of the root, of the target "none", and of a service at the very name (RFC 2782, RFC 9460 §2.5). */
export const ROOT = '.'

/**
 * Reads a name, compressed or not (RFC 1035 §4.1.4): lower case, no dot at its end, `\.`, `\\` and `\DDD` for octets
 * that no host name has. A pointer must point before the piece of name that it stands in, so there are no loops.
 */
export function readName(reader: ByteReader): string {
  const labels: string[] = []
  let piece = reader
  let start = reader.at
  let octets = 1
  let pointers = 0
  for (;;) {
    const size = piece.u8()
    if (size >= 0xc0) {
      const target = (size - 0xc0) * 0x100 + piece.u8()
      pointers += 1
      if (target >= start || pointers > MOST_POINTERS) reader.fail('a name points to itself')
      else piece = new ByteReader(reader.bytes, target, start)
      start = target
    } else if (size > MOST.label) {
      reader.fail('a label is of no known kind')
    } else if (size > 0) {
      labels.push(toLabelText(piece.take(size)))
      octets += 1 + size
      if (octets > MOST.name) reader.fail('a name is longer than 255 octets')
    }
    if (piece.wrong !== undefined) reader.fail(piece.wrong)
    if (size === 0 || reader.wrong !== undefined) break
  }
  return labels.length === 0 ? ROOT : labels.join('.')
}

/** Writes a name as `readName` reads it, without compression; a dot at its end is allowed. */
export function writeName(writer: ByteWriter, name: string): void {
  const labels = labelsOf(name)
  const octets = labels?.reduce((sum, label) => sum + 1 + label.length, 1) ?? 0
  const fits = labels?.every((label) => label.length > 0 && label.length <= MOST.label)
  if (!labels || !fits || octets > MOST.name) {
    writer.fail(`"${name}" is no name`)
    return
  }
  for (const label of labels) {
    writer.u8(label.length)
    writer.put(label)
  }
  writer.u8(0)
}

function labelsOf(name: string): readonly (readonly number[])[] | undefined {
  const texts = splitUnescaped(name.toLowerCase(), '.')
  if (texts.length > 1 && texts.at(-1) === '') texts.pop()
  if (texts.length === 1 && texts[0] === '' && name === ROOT) return []
  const labels = texts.map(unescapeText)
  return labels.includes(undefined) ? undefined : labels.map((label) => label ?? [])
}

/** Splits a text at a character, but not where a backslash stands before it. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts = ['']
  for (const [piece] of text.matchAll(/\\.|./gsu)) {
    if (piece === separator) parts.push('')
    else parts.push(`${parts.pop()}${piece}`)
  }
  return parts
}

function toLabelText(label: Uint8Array): string {
  return Array.from(label, toCharacter).join('')
}

function toCharacter(octet: number): string {
  const character = String.fromCharCode(octet).toLowerCase()
  if (character === '.' || character === '\\') return `\\${character}`
  const isPlain = octet > 0x20 && octet < 0x7f
  return isPlain ? character : `\\${String(octet).padStart(3, '0')}`
}
