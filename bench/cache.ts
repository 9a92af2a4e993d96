import { cached, type RouteCounts } from './cached.ts'
import { type Contestant, workerOf } from './contestants.ts'
import { FRESH } from './load.ts'
import { PRIVATE_PATH, PUBLIC_PATH, VARYING_PATH } from './origins.ts'
import { type RunningWorker, startCache } from './runtime.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { type Arena, ratiosOf, type Round, runTogether } from './versus.ts'

/** What an answer by the cache costs: CPU per request ÷ that of something simpler, both measured at the same time. */
export interface CacheStanding {
  readonly name: string
  readonly reference: string
  readonly ratio: Spread
  readonly failures: number
}

/** Those that run at the same time, and who is compared with whom. */
interface Group {
  readonly connections?: number
  readonly contestants: readonly Contestant[]
  readonly pairs: readonly (readonly [name: string, reference: string])[]
}

const CONSTANT = 'a constant of the same size'
const NAIVE = 'a bare Worker on the Cache API'
const BARE = 'bare pass-through'
const UNCACHED = 'this router without a cache'

const HITS = {
  memory: 'hit in memory',
  variant: 'hit in memory, of a variant',
  validated: '304 from memory',
  colo: 'hit in the colo',
}
const MISSES = {
  private: 'miss, not to be kept',
  memory: 'miss, kept in memory',
  colo: 'miss, kept in memory and colo',
}

/** What a hit consists of, counted off a real one. */
const HEADERS = {
  age: '7',
  'cache-control': 'public, max-age=86400',
  'cache-status': 'portolan; hit; ttl=86393',
  'content-type': 'text/plain',
  date: 'Sat, 21 Nov 2026 18:00:00 GMT',
  server: 'nginx/1.22.1',
}

/** In the keys: wrk has another value for it in every request, or so many in turn. */
const FRESH_HEADER = 'x-fresh'
const KEYS = 64

/** So few that no look-up takes as long as the router waits for one, with all of them on one core. */
const FEW_CONNECTIONS = 2

/** Measures hits against constants, and misses against what has no cache. */
export async function compareCaches(arena: Arena): Promise<CacheStanding[]> {
  // The cache of a data centre is no part of the Worker that asks it: it has a process of its own.
  const cache = await startCache(arena.cores.load)
  const byKeys = arena.generator.refreshes ? [hitsInColo(cache), missesBeside(cache)] : []
  const standings: CacheStanding[] = []
  for (const { contestants, pairs, ...shape } of [hitsInMemory(), ...byKeys]) {
    const rounds: Round[] = []
    for (let start = 0; start < arena.effort.starts; start += 1) {
      rounds.push(...(await runTogether(contestants, { ...arena, ...shape })))
    }
    standings.push(...pairs.map(([name, reference]) => toStanding(name, reference, rounds)))
  }
  await cache.stop()
  return standings
}

function toStanding(name: string, reference: string, rounds: readonly Round[]): CacheStanding {
  const samples = rounds.flatMap((round) => round.get(name) ?? [])
  return {
    name,
    reference,
    ratio: spreadOf(ratiosOf(name, reference, rounds)),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
  }
}

const CONSTANT_WORKER = workerOf(CONSTANT, 'hit', () => ({ values: { HEADERS } }))

function hitsInMemory(): Group {
  const inMemory = { settings: { tiers: { colo: false, kv: false } }, expect: byMemory }
  const condition = { 'if-modified-since': 'Fri, 31 Dec 2999 23:59:59 GMT' }
  return {
    contestants: [
      CONSTANT_WORKER,
      cached(HITS.memory, PUBLIC_PATH, inMemory),
      cached(HITS.variant, VARYING_PATH, inMemory),
      cached(HITS.validated, PUBLIC_PATH, { ...inMemory, headers: condition }),
    ],
    pairs: [
      [HITS.memory, CONSTANT],
      [HITS.variant, CONSTANT],
      [HITS.validated, CONSTANT],
    ],
  }
}

function hitsInColo(cache: RunningWorker): Group {
  return {
    connections: FEW_CONNECTIONS,
    contestants: [
      CONSTANT_WORKER,
      workerOf(NAIVE, 'colo', (origins) => ({ values: { ORIGINS: origins }, cache })),
      cached(HITS.colo, PUBLIC_PATH, {
        settings: { key: { headers: [FRESH_HEADER] }, tiers: { memory: false, kv: false } },
        headers: { [FRESH_HEADER]: `${FRESH}${KEYS}` },
        cache,
        expect: ({ hits }) => hits.colo,
      }),
    ],
    pairs: [
      [HITS.colo, NAIVE],
      [HITS.colo, CONSTANT],
      [NAIVE, CONSTANT],
    ],
  }
}

function byMemory({ hits }: RouteCounts): number {
  return hits.memory
}

function missesBeside(cache: RunningWorker): Group {
  const headers = { [FRESH_HEADER]: FRESH }
  const key = { headers: [FRESH_HEADER] }
  return {
    connections: FEW_CONNECTIONS,
    contestants: [
      workerOf(BARE, 'bare', (origins) => ({ values: { ORIGINS: origins } })),
      cached(UNCACHED, PUBLIC_PATH, {}),
      cached(MISSES.private, PRIVATE_PATH, {
        settings: {},
        expect: ({ uncacheable }) => uncacheable,
      }),
      cached(MISSES.memory, PUBLIC_PATH, {
        settings: { key, tiers: { colo: false, kv: false } },
        headers,
        expect: byStore,
      }),
      cached(MISSES.colo, PUBLIC_PATH, {
        settings: { key, tiers: { kv: false } },
        headers,
        cache,
        expect: byStore,
      }),
    ],
    pairs: [
      [UNCACHED, BARE],
      [MISSES.private, BARE],
      [MISSES.private, UNCACHED],
      [MISSES.memory, BARE],
      [MISSES.memory, UNCACHED],
      [MISSES.colo, BARE],
      [MISSES.colo, UNCACHED],
    ],
  }
}

function byStore({ stored }: RouteCounts): number {
  return stored
}
