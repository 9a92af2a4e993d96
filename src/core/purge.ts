import type { PurgeRow, PurgeTarget } from '../schema/cache-purge.ts'
import { normaliseHost, normalisePath, readingsOf } from './match/normal.ts'
import { allCount, compileCounting, type Counting } from './parameter-name.ts'
import { type Copies, type PurgedPlace, compileCopies, copiesOf } from './purge-copies.ts'
import { type Parameter, isQueryOf, parametersOf, splitUrl } from './purge-url.ts'
import type { CompiledRoute } from './snapshot.ts'

/** What purges say of an answer that was kept: nothing, that it is stale, or that it is gone. */
export type Purged = 'none' | 'soft' | 'hard'

/** What an answer is known by, as far as purges go: the same fields of `Stored`. */
export interface PurgeSubject {
  /** The newest purge that was known when its request was sent. */
  readonly asOf: number
  readonly route: string
  readonly host: string
  readonly path: string
  /** With or without its question mark. */
  readonly query: string
  /** In lower case. */
  readonly tags: readonly string[]
}

/** Stands for tags of an answer that it was not stored with: every purge by a tag meets it. No tag is empty. */
export const OTHER_TAGS = ''

/** The newest serials of one target. A soft purge takes nothing back from an earlier hard one: both stand. */
interface Marks {
  hard: number
  soft: number
}

interface UrlPurge {
  readonly parameters: readonly Parameter[]
  readonly marks: Marks
}

interface HostPurges {
  readonly whole: Marks
  /** By their segments, joined. */
  readonly prefixes: Map<string, Marks>
  /** By path in normal form. */
  readonly urls: Map<string, UrlPurge[]>
}

/** The purges of a snapshot, ready to be asked. */
export interface PurgeIndex {
  /** The newest serial, which what is asked for now carries as its `asOf`; 0 where nothing was purged. */
  readonly newest: number
  readonly rows: readonly PurgeRow[]
  readonly all: Marks
  readonly routes: ReadonlyMap<string, Marks>
  readonly tags: ReadonlyMap<string, Marks>
  readonly hosts: ReadonlyMap<string, HostPurges>
  /** Which parameters count, by route. */
  readonly queries: ReadonlyMap<string, Counting>
}

/** Makes purges ready for the routes of a revision: those whose key has a fixed host or path share copies. */
export function compilePurges(
  rows: readonly PurgeRow[],
  routes: readonly CompiledRoute[],
): PurgeIndex {
  const building: Building = {
    all: noMarks(),
    routes: new Map(),
    tags: new Map(),
    hosts: new Map(),
  }
  const hasHosts = rows.some(({ target }) => 'url' in target || 'host' in target)
  const copies = compileCopies(hasHosts ? routes : [])
  let newest = 0
  for (const row of rows) {
    newest = Math.max(newest, row.serial)
    for (const marks of marksFor(building, row.target, copies)) {
      const kind = row.kind === 'soft' ? 'soft' : 'hard'
      marks[kind] = Math.max(marks[kind], row.serial)
    }
  }
  return { newest, rows, ...building, queries: hasHosts ? queriesOf(routes) : new Map() }
}

/**
 * What purges say of an answer: O(tags + segments of the path), and one comparison for all that were asked for
 * since the newest. Whoever is told "none" may take `newest` for the `asOf` of the answer from then on: what is purged
 * later has a higher serial.
 */
export function purgeOf(index: PurgeIndex, subject: PurgeSubject): Purged {
  const { asOf } = subject
  if (index.newest <= asOf) return 'none'
  let found = degreeOf(index.all, asOf)
  if (found < HARD) found = Math.max(found, degreeOf(index.routes.get(subject.route), asOf))
  for (const tag of index.tags.size === 0 ? [] : subject.tags) {
    found = Math.max(found, degreeOf(index.tags.get(tag), asOf))
  }
  if (found < HARD && index.hosts.size > 0) found = Math.max(found, degreeByPlace(index, subject))
  return found === HARD ? 'hard' : found === SOFT ? 'soft' : 'none'
}

const SOFT = 1
const HARD = 2

function degreeOf(marks: Marks | undefined, asOf: number): number {
  if (marks === undefined) return 0
  return marks.hard > asOf ? HARD : marks.soft > asOf ? SOFT : 0
}

function degreeByPlace(index: PurgeIndex, subject: PurgeSubject): number {
  const { asOf } = subject
  const host = index.hosts.get(normaliseHost(subject.host))
  if (host === undefined) return 0
  let found = degreeOf(host.whole, asOf)
  if (host.prefixes.size > 0) {
    for (const segments of readingsOf(subject.path)) {
      found = Math.max(found, degreeByPrefix(host.prefixes, segments, asOf))
    }
  }
  if (found === HARD || host.urls.size === 0) return found
  const counts = index.queries.get(subject.route) ?? allCount
  for (const { parameters, marks } of host.urls.get(normalisePath(subject.path)) ?? []) {
    const degree = degreeOf(marks, asOf)
    if (degree > found && isQueryOf(subject.query, parameters, counts)) found = degree
  }
  return found
}

function degreeByPrefix(
  prefixes: ReadonlyMap<string, Marks>,
  segments: readonly string[],
  asOf: number,
): number {
  let prefix = ''
  let found = degreeOf(prefixes.get(prefix), asOf)
  for (const segment of segments) {
    prefix += `/${segment}`
    found = Math.max(found, degreeOf(prefixes.get(prefix), asOf))
  }
  return found
}

interface Building {
  readonly all: Marks
  readonly routes: Map<string, Marks>
  readonly tags: Map<string, Marks>
  readonly hosts: Map<string, HostPurges>
}

function marksFor(building: Building, target: PurgeTarget, copies: Copies): Marks[] {
  if ('all' in target) return [building.all]
  if ('route' in target) return [at(building.routes, target.route, noMarks)]
  if ('tag' in target) {
    return [target.tag, OTHER_TAGS].map((tag) => at(building.tags, tag, noMarks))
  }
  // Of a later release, while both are about: more is purged than was meant, not less.
  if (!('url' in target || 'host' in target)) return [building.all]
  const place = toPlace(target)
  return [place, ...copiesOf(copies, place)].map(({ host, path, covers }) => {
    const purges = at(building.hosts, host, noHostPurges)
    if (covers === 'one') return marksOfUrl(purges, path, 'url' in target ? target.url : '')
    const prefix = normalisePath(path).replace(/\/$/, '')
    return prefix === '' ? purges.whole : at(purges.prefixes, prefix, noMarks)
  })
}

function toPlace(target: Extract<PurgeTarget, { url: string } | { host: string }>): PurgedPlace {
  if ('host' in target) return { host: target.host, path: target.prefix ?? '', covers: 'below' }
  return { ...splitUrl(target.url), covers: 'one' }
}

function marksOfUrl({ urls }: HostPurges, path: string, url: string): Marks {
  const purge = { parameters: parametersOf(splitUrl(url).query), marks: noMarks() }
  at(urls, normalisePath(path), (): UrlPurge[] => []).push(purge)
  return purge.marks
}

function queriesOf(routes: readonly CompiledRoute[]): ReadonlyMap<string, Counting> {
  const queries = new Map<string, Counting>()
  for (const { id, route } of routes) {
    if (route.cache) queries.set(id, compileCounting(route.cache.key.query))
  }
  return queries
}

function at<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function noMarks(): Marks {
  return { hard: 0, soft: 0 }
}

function noHostPurges(): HostPurges {
  return { whole: noMarks(), prefixes: new Map(), urls: new Map() }
}
