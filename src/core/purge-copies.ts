import { readingsOf } from './match/normal.ts'
import { matchesParts, parsePath } from './match/path.ts'
import type { CompiledRoute } from './snapshot.ts'

/** Where an answer stands that several hosts or paths share. */
interface Copy {
  /** Undefined: each host has its own. */
  readonly host?: string
  /** Undefined: each path has its own. */
  readonly path?: string
  /** Whether requests for a path come to the route. */
  readonly takes: (path: string) => boolean
}

/** The shared copies of a revision, by the host patterns of their routes. */
export interface Copies {
  readonly exact: ReadonlyMap<string, readonly Copy[]>
  /** By the name below which they hold. */
  readonly below: ReadonlyMap<string, readonly Copy[]>
  readonly any: readonly Copy[]
}

/** Finds the routes whose key has a fixed host or path: what is purged under a name of theirs stands elsewhere. */
export function compileCopies(routes: readonly CompiledRoute[]): Copies {
  const copies = { exact: new Map<string, Copy[]>(), below: new Map<string, Copy[]>(), any: [] }
  for (const { route } of routes) {
    const { host = 'request', path } = route.cache?.key ?? {}
    if (host === 'request' && path === undefined) continue
    const fixed = { ...(host !== 'request' && { host }), ...(path !== undefined && { path }) }
    for (const { hosts, path: pattern } of route.match) {
      const { parts } = parsePath(pattern)
      const takes = (asked: string) =>
        readingsOf(asked).some((segments) => matchesParts(parts, segments, 0))
      addCopy(copies, hosts, { ...fixed, takes })
    }
  }
  return copies
}

interface Building {
  readonly exact: Map<string, Copy[]>
  readonly below: Map<string, Copy[]>
  readonly any: Copy[]
}

function addCopy(
  { exact, below, any }: Building,
  hosts: readonly string[] | undefined,
  copy: Copy,
): void {
  if (hosts === undefined) any.push(copy)
  for (const host of hosts ?? []) {
    const isBelow = host.startsWith('*.')
    const map = isBelow ? below : exact
    const name = isBelow ? host.slice(2) : host
    map.set(name, [...(map.get(name) ?? []), copy])
  }
}

/** A host, and one path there, or all that is below one: "" is all of the host. */
export interface PurgedPlace {
  readonly host: string
  readonly path: string
  readonly covers: 'one' | 'below'
}

/** Where the shared copies stand that a purge of a place means. What lies below a prefix may share any of them. */
export function copiesOf(copies: Copies, place: PurgedPlace): readonly PurgedPlace[] {
  return copiesAt(copies, place.host)
    .filter(({ takes }) => place.covers === 'below' || takes(place.path))
    .map(({ host = place.host, path = place.path }) => ({ host, path, covers: place.covers }))
}

function copiesAt({ exact, below, any }: Copies, host: string): Copy[] {
  const found = [...(exact.get(host) ?? []), ...any]
  for (let dot = host.indexOf('.'); below.size > 0 && dot >= 0; dot = host.indexOf('.', dot + 1)) {
    found.push(...(below.get(host.slice(dot + 1)) ?? []))
  }
  return found
}
