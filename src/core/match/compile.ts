import type { RequestFacts } from '../../schema/facts.ts'
import type { Route } from '../../schema/route.ts'
import { entriesOf, orderOf } from './entry.ts'
import { normaliseHost, readingsOf } from './normal.ts'
import { addEntry, createTree, type PathTree, type Search, searchTree } from './path-tree.ts'
import type { MatchTable } from './table.ts'

interface HostIndex {
  readonly exact: Map<string, PathTree>
  /** By the name below which they hold: `*.example.com` under `example.com`. */
  readonly below: Map<string, PathTree>
  any: PathTree | undefined
}

/**
 * Makes the routes of a revision ready for `find`, and gives their ids in order of precedence: what `find`
 * answers with are places in `order`. Disabled routes are in neither.
 */
export function compileMatches(routes: Readonly<Record<string, Route>>): {
  readonly table: MatchTable
  readonly order: readonly string[]
} {
  const entries = entriesOf(routes)
  const order = orderOf(entries)
  const places = new Map(order.map((id, place) => [id, place]))
  const index: HostIndex = { exact: new Map(), below: new Map(), any: undefined }
  for (const [rank, { route, match, host, path, conditions }] of entries.entries()) {
    const matched = { route: places.get(route) ?? 0, match }
    addEntry(treeOf(index, host, rank), { rank, matched, path, conditions })
  }
  return { table: { find: (facts) => find(index, facts) }, order }
}

function treeOf(index: HostIndex, host: string | undefined, rank: number): PathTree {
  if (host === undefined) return (index.any ??= createTree(rank))
  const trees = host.startsWith('*.') ? index.below : index.exact
  const name = host.startsWith('*.') ? host.slice(2) : host
  const known = trees.get(name)
  if (known) return known
  const tree = createTree(rank)
  trees.set(name, tree)
  return tree
}

/** One reading, of a path that nobody asks for. */
const UNREAD: readonly (readonly string[])[] = [[]]

function find(index: HostIndex, facts: RequestFacts) {
  const search: Search = { facts, segments: [], found: undefined, rank: Number.POSITIVE_INFINITY }
  const host = normaliseHost(facts.host)
  const exact = index.exact.size === 0 ? undefined : index.exact.get(host)
  // To take a path apart costs as much as all else here.
  const asksPath = exact?.asksPath === true || index.any?.asksPath === true || index.below.size > 0
  for (const segments of asksPath ? readingsOf(facts.path) : UNREAD) {
    search.segments = segments
    if (exact) searchTree(exact, 0, search)
    if (index.below.size > 0) searchBelow(index, host, search)
    if (index.any) searchTree(index.any, 0, search)
  }
  return search.found?.matched
}

function searchBelow(index: HostIndex, host: string, search: Search): void {
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const below = index.below.get(host.slice(dot + 1))
    if (below) searchTree(below, 0, search)
  }
}
