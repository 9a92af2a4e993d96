import type { AuthoredConfig } from '../src/schema/config.ts'
import { type Contestant, workerOf } from './contestants.ts'
import { FRESH } from './load.ts'
import { type BenchOrigin, PRIVATE_PATH, PUBLIC_PATH } from './origins.ts'
import type { Listener } from './peers.ts'
import { configOf, startRouter } from './router.ts'
import { type RunningWorker, startCache } from './runtime.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { type Arena, ratiosOf, type Round, runTogether } from './versus.ts'

type Route = NonNullable<AuthoredConfig['routes']>[string]
type Cache = NonNullable<Route['cache']>

/** What an answer by the cache costs: CPU per request ÷ that of something simpler, both measured at the same time. */
export interface CacheStanding {
  readonly name: string
  readonly reference: string
  readonly ratio: Spread
  readonly failures: number
}

/** Those that run at the same time, and who is compared with whom. */
interface Group {
  readonly contestants: readonly Contestant[]
  readonly pairs: readonly (readonly [name: string, reference: string])[]
}

const CONSTANT = 'a constant of the same size'
const NAIVE = 'a bare Worker on the Cache API'
const BARE = 'bare pass-through'
const UNCACHED = 'this router without a cache'

const HITS = { memory: 'hit in memory', validated: '304 from memory', colo: 'hit in the colo' }
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

/** Cache keys of one request each: wrk has another value for it every time. */
const FRESH_HEADER = 'x-fresh'

/** Measures hits against constants, and misses against what has no cache. */
export async function compareCaches(arena: Arena): Promise<CacheStanding[]> {
  // The cache of a data centre is no part of the Worker that asks it: it has a process of its own.
  const cache = await startCache(arena.cores.origins)
  const groups = [hitsBeside(cache), ...(arena.generator.refreshes ? [missesBeside(cache)] : [])]
  const standings: CacheStanding[] = []
  for (const { contestants, pairs } of groups) {
    const rounds: Round[] = []
    for (let start = 0; start < arena.effort.starts; start += 1) {
      rounds.push(...(await runTogether(contestants, arena)))
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

function hitsBeside(cache: RunningWorker): Group {
  const inMemory = { tiers: { colo: false, kv: false } }
  const inColo = { tiers: { memory: false, kv: false } }
  return {
    contestants: [
      workerOf(CONSTANT, 'hit', () => ({ values: { HEADERS } })),
      workerOf(NAIVE, 'colo', (origins) => ({ values: { ORIGINS: origins }, cache })),
      cached(HITS.memory, PUBLIC_PATH, { settings: inMemory }),
      cached(HITS.validated, PUBLIC_PATH, {
        settings: inMemory,
        headers: { 'if-modified-since': 'Fri, 31 Dec 2999 23:59:59 GMT' },
      }),
      cached(HITS.colo, PUBLIC_PATH, { settings: inColo, cache }),
    ],
    pairs: [
      [HITS.memory, CONSTANT],
      [HITS.validated, CONSTANT],
      [HITS.colo, CONSTANT],
      [NAIVE, CONSTANT],
      [HITS.colo, NAIVE],
    ],
  }
}

function missesBeside(cache: RunningWorker): Group {
  const headers = { [FRESH_HEADER]: FRESH }
  const key = { headers: [FRESH_HEADER] }
  return {
    contestants: [
      workerOf(BARE, 'bare', (origins) => ({ values: { ORIGINS: origins } })),
      cached(UNCACHED, PUBLIC_PATH, {}),
      cached(MISSES.private, PRIVATE_PATH, { settings: {} }),
      cached(MISSES.memory, PUBLIC_PATH, {
        settings: { key, tiers: { colo: false, kv: false } },
        headers,
      }),
      cached(MISSES.colo, PUBLIC_PATH, { settings: { key, tiers: { kv: false } }, headers, cache }),
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

interface Cached {
  /** None: a route without a cache. */
  readonly settings?: Cache
  readonly headers?: Readonly<Record<string, string>>
  readonly cache?: RunningWorker
}

/** This router with a cache in front of one path of the origins. */
function cached(name: string, path: string, { settings, headers, cache }: Cached): Contestant {
  return {
    name,
    async start(origins: readonly BenchOrigin[], cores: string | undefined): Promise<Listener> {
      const config = configOf(origins)
      const all = config.routes?.['all']
      if (!all) throw new Error('the configuration of the bench has no route "all"')
      const route: Route = {
        ...all,
        rewrite: { path: { replaceFull: path } },
        ...(settings && { cache: settings }),
      }
      const running = await startRouter(origins, cores, {
        config: { ...config, routes: { all: route } },
        cache,
      })
      return { ...running, ...(headers && { headers }) }
    },
  }
}
