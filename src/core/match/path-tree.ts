import type { RequestFacts } from '../../schema/facts.ts'
import type { Condition } from './condition.ts'
import { type Glob, matchesGlob } from './glob.ts'
import { matchesParts, type Part, type PathShape, type SegmentPart } from './path.ts'
import type { Matched } from './table.ts'

/** An entry with its place in the order of precedence: the lower rank goes first. */
export interface Ranked {
  readonly rank: number
  readonly matched: Matched
  readonly path: PathShape
  readonly conditions: readonly Condition[]
}

/** The paths of one host as a tree by segment. All lists are in order of rank. */
export interface PathTree {
  /** The lowest rank in this tree: nothing in it can beat a better one. */
  readonly best: number
  /** Of the tree of a host: whether anything in it asks for more of a path than that there is one. */
  asksPath: boolean
  readonly literals: Map<string, PathTree>
  any: PathTree | undefined
  readonly globs: { readonly glob: Glob; readonly tree: PathTree }[]
  /** Paths that end here. */
  readonly here: Ranked[]
  /** Paths that hold for everything at or below this place. */
  readonly below: Ranked[]
  /** Paths that go on after a `**`: these are tried one by one. */
  readonly scattered: { readonly parts: readonly Part[]; readonly ranked: Ranked }[]
}

/** One look for the best entry: what is asked, and the best answer so far. */
export interface Search {
  readonly facts: RequestFacts
  /** The path in the reading that is looked for now. */
  segments: readonly string[]
  found: Ranked | undefined
  /** The rank of `found`; infinite before. */
  rank: number
}

/** An empty tree whose first entry will have this rank. */
export function createTree(best: number): PathTree {
  return {
    best,
    asksPath: false,
    literals: new Map(),
    any: undefined,
    globs: [],
    here: [],
    below: [],
    scattered: [],
  }
}

/** Adds an entry; entries are added in order of rank. */
export function addEntry(root: PathTree, ranked: Ranked): void {
  const { parts } = ranked.path
  root.asksPath ||= parts.length !== 1 || parts[0]?.kind !== 'rest'
  let tree = root
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'rest') {
      const rest = parts.slice(index)
      if (rest.length === 1) tree.below.push(ranked)
      else tree.scattered.push({ parts: rest, ranked })
      return
    }
    tree = childOf(tree, part, ranked.rank)
  }
  tree.here.push(ranked)
}

function childOf(tree: PathTree, part: SegmentPart, rank: number): PathTree {
  const known = knownChildOf(tree, part)
  if (known) return known
  const child = createTree(rank)
  if (part.kind === 'literal') tree.literals.set(part.text, child)
  else if (part.kind === 'glob') tree.globs.push({ glob: part.glob, tree: child })
  else tree.any = child
  return child
}

function knownChildOf(tree: PathTree, part: SegmentPart): PathTree | undefined {
  if (part.kind === 'literal') return tree.literals.get(part.text)
  if (part.kind === 'any') return tree.any
  return tree.globs.find(({ glob }) => glob.source === part.glob.source)?.tree
}

/**
 * Looks for an entry better than the one found so far. `at` is the segment that this tree is asked for.
 * The deepest and most literal branch goes first, since it mostly holds the best rank, and then cuts off
 * the others. Each tree is visited at most once, so the cost never exceeds the size of the configuration.
 */
export function searchTree(tree: PathTree, at: number, search: Search): void {
  if (tree.best >= search.rank) return
  const segment = search.segments[at]
  if (segment === undefined) takeFirst(tree.here, search)
  else searchChildren(tree, at, search)
  for (const { parts, ranked } of tree.scattered) {
    if (ranked.rank >= search.rank) break
    if (matchesParts(parts, search.segments, at) && holds(ranked, search.facts)) {
      take(ranked, search)
    }
  }
  takeFirst(tree.below, search)
}

function searchChildren(tree: PathTree, at: number, search: Search): void {
  const segment = search.segments[at] ?? ''
  const literal = tree.literals.get(segment)
  if (literal) searchTree(literal, at + 1, search)
  for (const { glob, tree: child } of tree.globs) {
    if (child.best >= search.rank) break
    if (matchesGlob(glob, segment)) searchTree(child, at + 1, search)
  }
  if (tree.any && segment !== '') searchTree(tree.any, at + 1, search)
}

function takeFirst(entries: readonly Ranked[], search: Search): void {
  for (const ranked of entries) {
    if (ranked.rank >= search.rank) return
    if (holds(ranked, search.facts)) {
      take(ranked, search)
      return
    }
  }
}

function take(ranked: Ranked, search: Search): void {
  search.found = ranked
  search.rank = ranked.rank
}

function holds({ conditions }: Ranked, facts: RequestFacts): boolean {
  for (const condition of conditions) if (!condition.holds(facts)) return false
  return true
}
