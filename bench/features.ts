import type { AuthoredConfig } from '../src/schema/config.ts'
import type { Contestant } from './contestants.ts'
import { FRESH, HEADERS } from './load.ts'
import { type BenchOrigin, CHUNKED_PATH } from './origins.ts'
import type { Listener } from './peers.ts'
import { configOf, type Route, startRouter, withRoute } from './router.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { type Arena, ratiosOf, type Round, runTogether } from './versus.ts'

type Headers = Readonly<Record<string, string>>

/** Something that a route may have, and what it is measured against. */
interface Feature {
  readonly name: string
  /** What differs in the one route; or in the whole configuration. */
  readonly route?: Partial<Route>
  /** What the one route has with the feature and without. */
  readonly base?: Partial<Route>
  readonly config?: (origins: readonly BenchOrigin[]) => AuthoredConfig
  /** What its clients send besides, learnt from a visit where they have to. */
  readonly headers?: (url: string) => Headers | Promise<Headers>
  /** Whether every request is another client's: wrk alone can do that. */
  readonly isFresh?: true
}

/** What a feature costs: CPU per request with it ÷ without it, both measured at the same time. */
export interface FeatureStanding {
  readonly name: string
  readonly ratio: Spread
  readonly failures: number
}

const WITHOUT = 'without'

/** Of unknown length, so that their end can be told only by who waits for it. */
const CHUNKED: Partial<Route> = { rewrite: { path: { replaceFull: CHUNKED_PATH } } }

/** So much that nobody is ever refused. */
const CROWDED: Partial<Route> = { concurrency: { perAddress: 100_000 } }

const FEATURES: readonly Feature[] = [
  {
    name: 'cookie affinity, a client that is known',
    route: { affinity: { type: 'cookie' } },
    headers: cookieOf,
  },
  {
    name: 'cookie affinity, a client that is new',
    route: { affinity: { type: 'cookie' } },
  },
  {
    name: 'durable affinity by header, a session that is known',
    route: { affinity: { type: 'header', names: [{ header: 'x-user' }], store: 'durable' } },
    headers: () => ({ 'x-user': 'anna' }),
  },
  {
    name: 'durable affinity by cookie, a session that is known',
    route: { affinity: { type: 'cookie', store: 'durable' } },
    headers: cookieOf,
  },
  {
    name: 'durable affinity by header, a session that is new',
    route: { affinity: { type: 'header', names: [{ header: 'x-user' }], store: 'durable' } },
    headers: () => ({ 'x-user': FRESH }),
    isFresh: true,
  },
  {
    name: 'durable affinity by cookie, a session that is new',
    route: { affinity: { type: 'cookie', store: 'durable' } },
  },
  {
    name: 'least-connections instead of weighted, answers of known length',
    config: byConnections('end'),
  },
  {
    name: 'least-connections instead of weighted, answers of unknown length, counted until the end',
    config: byConnections('end'),
    base: CHUNKED,
  },
  {
    name: 'least-connections instead of weighted, answers of unknown length, counted until the head',
    config: byConnections('head'),
    base: CHUNKED,
  },
  { name: 'a pool that sheds load by itself', config: shedding },
  { name: 'rate limit, local', route: limitedBy({}) },
  { name: 'rate limit, local, announced', route: limitedBy({ announce: true }) },
  { name: 'rate limit, global', route: limitedBy({ mode: 'global' }) },
  { name: 'limit of requests at once, answers of known length', route: CROWDED },
  {
    name: 'limit of requests at once, answers of unknown length',
    route: CROWDED,
    base: CHUNKED,
  },
]

/** Measures each feature beside a router without it. `names`: only those that have one of these in their name. */
export async function compareFeatures(
  names: readonly string[],
  arena: Arena,
): Promise<FeatureStanding[]> {
  const asked = FEATURES.filter(
    ({ name, isFresh }) =>
      (names.length === 0 || names.some((part) => name.includes(part))) &&
      (arena.generator.refreshes || !isFresh),
  )
  const standings: FeatureStanding[] = []
  for (const feature of asked) {
    const rounds: Round[] = []
    for (let start = 0; start < arena.effort.starts; start += 1) {
      rounds.push(...(await runTogether([toPlain(feature), toContestant(feature)], arena)))
    }
    const samples = rounds.flatMap((round) => round.get(feature.name) ?? [])
    standings.push({
      name: feature.name,
      ratio: spreadOf(ratiosOf(feature.name, WITHOUT, rounds)),
      failures: samples.reduce((sum, { failures }) => sum + failures, 0),
    })
  }
  return standings
}

function toPlain({ base }: Feature): Contestant {
  return {
    name: WITHOUT,
    start: (origins, cores) => {
      return startRouter(origins, cores, { config: withRoute(configOf(origins), base) })
    },
  }
}

function toContestant({ name, route, base, config = configOf, headers }: Feature): Contestant {
  return {
    name,
    async start(origins: readonly BenchOrigin[], cores: string | undefined): Promise<Listener> {
      const running = await startRouter(origins, cores, {
        config: withRoute(config(origins), { ...base, ...route }),
      })
      const sent = await headers?.(`http://127.0.0.1:${running.port}/`)
      return { ...running, ...(sent && { headers: sent }) }
    },
  }
}

/** A limit that nobody ever reaches. */
function limitedBy(limit: Partial<NonNullable<Route['rateLimits']>[string]>): Partial<Route> {
  return { rateLimits: { each: { ...limit, windows: ['1000000/1s'] } } }
}

/** The same pool, with bounds that it never reaches. */
function shedding(origins: readonly BenchOrigin[]): AuthoredConfig {
  const { pools, ...config } = configOf(origins)
  const all = pools?.['all'] ?? { origins: {} }
  const bounds = { p95Above: '10m', failuresAbove: 1 } as const
  return { ...config, pools: { ...pools, all: { ...all, shedding: bounds } } }
}

/** The same pool, by what its origins have under way. */
function byConnections(countUntil: 'end' | 'head') {
  return (origins: readonly BenchOrigin[]): AuthoredConfig => {
    const { pools, ...config } = configOf(origins)
    const all = pools?.['all'] ?? { origins: {} }
    return {
      ...config,
      pools: { all: { ...all, balance: { algorithm: 'least-connections' }, countUntil } },
    }
  }
}

/** The cookies of a browser that has been here before. */
async function cookieOf(url: string): Promise<Headers> {
  const response = await fetch(url)
  await response.arrayBuffer()
  const set = response.headers.getSetCookie().map((line) => line.split(';')[0])
  if (set.length === 0) throw new Error('the router set no cookie')
  return { cookie: [HEADERS['cookie'], ...set].join('; ') }
}
