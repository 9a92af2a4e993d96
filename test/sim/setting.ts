import type { AuthoredConfig, Config } from '../../src/schema/config.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { Chance } from './chance.ts'

/** How many settings there are: parsing one takes longer than living in it. */
const SETTINGS = 48

/** What a world is set in: a configuration, and others that operators may put in its place. */
export interface Setting {
  readonly base: AuthoredConfig
  readonly variants: readonly AuthoredConfig[]
  readonly origins: readonly string[]
  readonly pools: readonly string[]
  /** The regions from which all origins are probed. */
  readonly regions: readonly string[]
  readonly edges: number
}

const known = new Map<number, Setting>()

/** The setting of a seed. */
export function settingOf(seed: number): Setting {
  const at = seed % SETTINGS
  const setting = known.get(at) ?? drawSetting(new Chance(at))
  known.set(at, setting)
  return setting
}

/** A document as it is read, under names that tell one from another. */
export interface Draft {
  readonly digest: string
  readonly form: string
  readonly text: string
  readonly config: Config
}

const drafts = new Map<string, Draft>()

/** Reads a document. */
export function draftOf(authored: unknown): Draft {
  return readDraft(JSON.stringify(authored))
}

/** Reads a document as it was written; what was read before is not read again. */
export function readDraft(text: string): Draft {
  const before = drafts.get(text)
  if (before) return before
  const parsed = parseConfig(JSON.parse(text))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const draft = { digest: text, form: `form of ${text}`, text, config: parsed.config }
  // Weights that operators draw are without number.
  if (drafts.size > 500) drafts.clear()
  drafts.set(text, draft)
  return draft
}

type Pools = NonNullable<AuthoredConfig['pools']>
type Ramps = NonNullable<AuthoredConfig['ramps']>

const NAMES = ['us', 'eu', 'ap'] as const
const REGIONS = ['wnam', 'weur', 'apac'] as const

function drawSetting(chance: Chance): Setting {
  const names = NAMES.slice(0, chance.has(0.75) ? 2 : 3)
  const isFast = chance.has(0.7)
  const regions = REGIONS.slice(0, chance.pick([1, 1, 2, 2, 3]))
  const ramps = drawRamps(chance)
  const pools: Pools = {}
  for (const name of names) pools[name] = drawPool(name, chance)
  const weights = Object.fromEntries(names.map((name) => [name, chance.whole(1, 9)]))
  const base: AuthoredConfig = {
    monitors: { up: { profile: isFast ? 'fast' : 'standard', path: '/up', regions: [...regions] } },
    ramps,
    pools,
    routes: {
      all: { steer: { policy: 'weighted', weights } },
      near: { match: { path: '/near' }, steer: { policy: 'failover', pools: [...names] } },
      spare: {
        match: { path: '/spare' },
        steer: {
          policy: 'failover',
          pools: names.slice(0, -1),
          fallback: names.at(-1) ?? names[0],
        },
      },
    },
    interlocks: {
      maxChangePercent: chance.pick([50, 80, 100]),
      minCapacityPercent: chance.pick([0, 20, 50]),
    },
    notifications: {
      hook: { type: 'webhook', url: 'https://hook.example.com/', group: '1s' },
    },
  }
  const origins = Object.values(pools).flatMap((pool) => Object.keys(pool.origins))
  const variants = [base, ...drawVariants(base, chance)]
  return { base, variants, origins, pools: names, regions, edges: chance.pick([2, 2, 2, 3, 4]) }
}

function drawRamps(chance: Chance): Ramps {
  const gate = { minSamples: chance.pick([1, 3, 5]) }
  const steps = chance.pick([[10, 25, 50, 75, 100], [50, 100], [20, 60, 100], [100]])
  const dwell = `${chance.pick([1, 1, 1, 2, 3])}s`
  const other = { steps: [50, 100], dwell: '1s', gate: { minSamples: 0 }, longestWait: '3s' }
  return { usual: { steps, dwell, gate, longestWait: '6s' }, other }
}

function drawPool(name: string, chance: Chance): Pools[string] {
  const count = chance.pick([1, 1, 1, 2, 2, 3])
  const ids = Array.from({ length: count }, (_, at) => `${name}-${at + 1}`)
  const weight = () => chance.pick([1, 1, 2])
  return {
    monitor: 'up',
    ...(chance.has(0.85) && { recovery: 'usual' }),
    failback: chance.pick([{}, {}, { delay: '2s' }, { mode: 'manual' as const }]),
    holdDown: { base: '2s', max: '8s' },
    minimumOrigins: count > 1 && chance.has(0.3) ? 2 : 1,
    balance: { algorithm: chance.pick(['weighted', 'round-robin', 'hash', 'failover'] as const) },
    outlier: { minRequests: 10, window: '6s', ejection: '2s', maxEjection: '8s' },
    origins: Object.fromEntries(
      ids.map((id) => [id, { url: `https://${id}.example.com`, weight: weight() }]),
    ),
  }
}

/** The same with other weights, another ramp, a pool out, an origin less, no ramps at all. */
function drawVariants(base: AuthoredConfig, chance: Chance): AuthoredConfig[] {
  const { pools = {}, routes = {} } = base
  const name = chance.pick(Object.keys(pools))
  const pool = pools[name]
  if (pool === undefined) throw new Error('a setting without pools')
  const ids = Object.entries(pool.origins)
  const weights = Object.fromEntries(Object.keys(pools).map((id) => [id, chance.whole(1, 9)]))
  const fewer = Object.fromEntries(ids.length > 1 ? ids.slice(1) : ids)
  const all = Object.entries(pools)
  const bare = all.map(([id, each]) => [id, { ...each, recovery: undefined }] as const)
  return [
    { ...base, routes: { ...routes, all: { steer: { policy: 'weighted', weights } } } },
    {
      ...base,
      ramps: { ...base.ramps, usual: { steps: [30, 100], dwell: '2s', longestWait: '6s' } },
    },
    { ...base, pools: { ...pools, [name]: { ...pool, state: 'maintenance' } } },
    { ...base, pools: { ...pools, [name]: { ...pool, minimumOrigins: 1, origins: fewer } } },
    { ...base, pools: JSON.parse(JSON.stringify(Object.fromEntries(bare))) as Pools },
  ]
}
