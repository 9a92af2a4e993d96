import type { Config } from '../../schema/config.ts'
import type { Monitor, MonitorRole, ProbeRegion } from '../../schema/monitor.ts'
import type {
  MonitorPlan,
  OriginPlan,
  ProbePlan,
  ProberName,
  ProbeTarget,
} from '../../schema/probe-plan.ts'
import { type Part, packShards } from './shards.ts'

/** Every prober that a configuration asks for, by region in order of first mention. */
export function toProbers(config: Config): ProberName[] {
  return regionsOf(config).flatMap((region) =>
    packShards(partsOf(config, region)).map((_, shard) => ({ region, shard })),
  )
}

/**
 * All that one prober probes. A prober that the configuration does not ask for gets a plan without targets, and
 * so comes to rest. Origins in maintenance are probed too: an operator wants to see when they are well.
 */
export function toProbePlan(config: Config, revision: number, name: ProberName): ProbePlan {
  return toShardPlan(config, revision, packRegion(config, name.region)[name.shard])
}

/** The parts of each prober of a region: worth keeping while the configuration is the same. */
export function packRegion(config: Config, region: ProbeRegion): readonly (readonly Part[])[] {
  return packShards(partsOf(config, region))
}

/** All that the prober of these parts probes. */
export function toShardPlan(
  config: Config,
  revision: number,
  parts: readonly Part[] = [],
): ProbePlan {
  const targets = parts.map((part) => toTarget(config, revision, part))
  return { revision, driver: config.settings.probing, targets }
}

function regionsOf({ monitors, pools }: Config): ProbeRegion[] {
  const used = Object.values(pools).flatMap(({ monitor = [] }) => monitor.map(({ id }) => id))
  return [...new Set([...new Set(used)].flatMap((id) => monitors[id]?.regions ?? []))]
}

/** What is probed from a region, one part for each origin; the order is that of the ids. */
function partsOf({ monitors, pools }: Config, region: ProbeRegion): Part[] {
  const parts: Part[] = []
  for (const [pool, { monitor = [], origins }] of Object.entries(pools)) {
    const here = monitor.flatMap(({ id }) => {
      const found = monitors[id]
      return found?.regions.includes(region) ? [{ id, monitor: found }] : []
    })
    if (here.length === 0) continue
    for (const origin of Object.keys(origins)) parts.push({ pool, origin, monitors: here })
  }
  return parts.toSorted((left, right) => (left.origin < right.origin ? -1 : 1))
}

function toTarget(config: Config, revision: number, part: Part): ProbeTarget {
  const { monitors, pools } = config
  const pool = pools[part.pool]
  const origin = pool?.origins[part.origin]
  if (pool === undefined || origin === undefined) {
    throw new Error(`a part of no pool: ${part.pool}/${part.origin}`)
  }
  const { failureRate, minRequests, window: windowMs } = pool.outlier
  const plan: OriginPlan = {
    revision,
    origin: part.origin,
    pool: part.pool,
    monitors: (pool.monitor ?? []).flatMap(({ id, role }) => {
      const monitor = monitors[id]
      return monitor ? [toMonitorPlan(config.settings.probing, { id, role, monitor })] : []
    }),
    passive: { failureRate, minRequests, windowMs },
    holdDown: { baseMs: pool.holdDown.base, maxMs: pool.holdDown.max },
  }
  const { url, host, headers = {} } = origin
  const named = typeof host === 'object' ? { host: host.name } : {}
  return { plan, url, ...named, headers: { ...headers }, monitors: [...part.monitors] }
}

/** How often the cron rings, as `wrangler.toml` says. */
const CRON_MS = 60_000

interface Used {
  readonly id: string
  readonly role: MonitorRole
  readonly monitor: Monitor
}

function toMonitorPlan(driver: ProbePlan['driver'], { id, role, monitor }: Used): MonitorPlan {
  const { interval, timeout, fall, rise, degradedAbove, regions } = monitor
  return {
    id,
    role,
    // How often a result is to be expected: with the cron alone not more often than it rings.
    intervalMs: driver === 'cron' ? Math.max(interval, CRON_MS) : interval,
    timeoutMs: timeout,
    fall,
    rise,
    ...(degradedAbove !== undefined && { degradedAboveMs: degradedAbove }),
    regions: [...regions],
  }
}
