import { type Glob, matchesGlob, parseGlob } from './glob.ts'
import { segmentsOf } from './normal.ts'

/** A part of a path pattern that stands for one segment. */
export type SegmentPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'glob'; readonly glob: Glob }

/** A part of a path pattern; `rest` stands for any number of segments, none included. */
export type Part = SegmentPart | { readonly kind: 'rest' }

/** A path pattern taken apart, and the numbers that its precedence is made of. */
export interface PathShape {
  readonly source: string
  readonly parts: readonly Part[]
  /** No wildcard at all. */
  readonly exact: boolean
  /** Characters before the first wildcard. */
  readonly head: number
  /** Characters that are neither slashes nor wildcards. */
  readonly literals: number
  /** Parts that stand for one segment. */
  readonly segments: number
  /** 2: of one depth. 1: of any depth, with an end that is given. 0: everything at or below. */
  readonly closure: 0 | 1 | 2
  readonly wildcards: number
  /** Parts before the first that stands for any number of segments. */
  readonly fixed: number
}

const REST: Part = { kind: 'rest' }

/** Takes a pattern apart; no pattern is `/*`. A `/*` at the end is `/**`: everything at or below. */
export function parsePath(source = '/*'): PathShape {
  const texts = segmentsOfPattern(source)
  const parts: Part[] = []
  for (const [index, text] of texts.entries()) {
    const isLast = index === texts.length - 1
    const part = isLast && text === '*' ? REST : parsePart(text)
    if (part.kind !== 'rest' || parts.at(-1)?.kind !== 'rest') parts.push(part)
  }
  const restAt = parts.findIndex(({ kind }) => kind === 'rest')
  const wildcards = parts.reduce((sum, part) => sum + wildcardsOf(part), 0)
  return {
    source,
    parts,
    exact: wildcards === 0,
    head: headOf(parts),
    literals: parts.reduce((sum, part) => sum + literalsOf(part), 0),
    segments: parts.filter(({ kind }) => kind !== 'rest').length,
    closure: restAt < 0 ? 2 : parts.at(-1)?.kind === 'rest' ? 0 : 1,
    wildcards,
    fixed: restAt < 0 ? parts.length : restAt,
  }
}

/** Whether the segments from `from` on are what the parts stand for. At most segments × parts comparisons. */
export function matchesParts(
  parts: readonly Part[],
  segments: readonly string[],
  from: number,
): boolean {
  let part = 0
  let at = from
  // Where the last `rest` gives one more segment to itself when what follows it does not fit.
  let retryPart = -1
  let retryAt = from
  while (at < segments.length) {
    const current = parts[part]
    if (current?.kind === 'rest') {
      part += 1
      if (part === parts.length) return true
      retryPart = part
      retryAt = at
    } else if (current !== undefined && matchesSegment(current, segments[at] ?? '')) {
      part += 1
      at += 1
    } else if (retryPart < 0) {
      return false
    } else {
      retryAt += 1
      at = retryAt
      part = retryPart
    }
  }
  while (parts[part]?.kind === 'rest') part += 1
  return part === parts.length
}

function matchesSegment(part: SegmentPart, segment: string): boolean {
  if (part.kind === 'literal') return part.text === segment
  if (part.kind === 'glob') return matchesGlob(part.glob, segment)
  return segment !== ''
}

/** Splits before anything is decoded: `%2A` is the character, `*` the wildcard. */
function segmentsOfPattern(source: string): string[] {
  const texts = source.split('/').slice(1)
  return texts.filter((text, index) => text !== '' || index === texts.length - 1)
}

function parsePart(text: string): Part {
  if (text === '**') return REST
  if (text === '*' || text.startsWith('{')) return { kind: 'any' }
  if (text.includes('*')) return { kind: 'glob', glob: parseGlob(text) }
  return { kind: 'literal', text: segmentsOf(`/${text}`)[0] ?? '' }
}

function headOf(parts: readonly Part[]): number {
  let head = 0
  for (const part of parts) {
    head += 1
    if (part.kind === 'literal') head += part.text.length
    else return part.kind === 'glob' ? head + part.glob.head.length : head
  }
  return head
}

function literalsOf(part: Part): number {
  if (part.kind === 'literal') return part.text.length
  if (part.kind !== 'glob') return 0
  const { head, middles, tail } = part.glob
  return head.length + tail.length + middles.reduce((sum, middle) => sum + middle.length, 0)
}

function wildcardsOf(part: Part): number {
  if (part.kind === 'literal') return 0
  return part.kind === 'glob' ? part.glob.source.split('*').length - 1 : 1
}
