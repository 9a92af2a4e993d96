import { normalisePath } from './normal.ts'

/** A pattern within one segment: it starts with `head`, ends with `tail`, and holds `middles` in order between. */
export interface Glob {
  readonly source: string
  readonly head: string
  readonly middles: readonly string[]
  readonly tail: string
}

/** Takes a segment apart at its `*`; there is at least one. */
export function parseGlob(source: string): Glob {
  const pieces = source.split('*').map(normalisePath)
  return {
    source,
    head: pieces[0] ?? '',
    middles: pieces.slice(1, -1).filter((piece) => piece !== ''),
    tail: pieces.at(-1) ?? '',
  }
}

/**
 * Whether a segment fits. Each piece is looked for once, from where the one before it ended: the leftmost
 * place leaves the most room for the rest, so nothing is ever tried again.
 */
export function matchesGlob({ head, middles, tail }: Glob, segment: string): boolean {
  const end = segment.length - tail.length
  if (end < head.length || !segment.startsWith(head) || !segment.endsWith(tail)) return false
  let at = head.length
  for (const middle of middles) {
    const found = segment.indexOf(middle, at)
    if (found < 0 || found + middle.length > end) return false
    at = found + middle.length
  }
  return true
}
