import type { Monitor } from '../schema/monitor.ts'

/** Bounds of one prober. */
export const SHARD_LIMITS = {
  /** Connections that may wait for an answer at a time (Workers: six for one invocation). */
  connections: 6,
  /** What passes between the end of one probe and the begin of the next on the same connection. */
  overheadMs: 100,
  targets: 500,
} as const

/** What one prober probes of one origin. */
export interface Part {
  readonly pool: string
  readonly origin: string
  readonly monitors: readonly { readonly id: string; readonly monitor: Monitor }[]
}

interface Shard {
  readonly parts: Part[]
  demand: number
  shortestIntervalMs: number
  longestTimeoutMs: number
}

/**
 * Divides the parts among as many probers as it takes to probe each within its interval even when every probe
 * waits for its whole timeout: first fit, in the order given. Counted with the interval and not with the shorter
 * one for what is unhealthy: a prober with nothing but dead origins goes back to the interval, one with a few
 * dead ones has room for more looks at them.
 *
 * No probe may last longer than the shortest interval beside it: six that hang would stand in its way.
 */
export function packShards(parts: readonly Part[]): (readonly Part[])[] {
  const shards: Shard[] = []
  for (const part of parts.flatMap(split)) {
    add(shards.find((each) => fits(each, part)) ?? open(shards), part)
  }
  return shards.map((shard) => shard.parts)
}

/** Monitors of one origin stay together, so that their results travel together, unless they fit nowhere. */
function split(part: Part): readonly Part[] {
  if (fits(empty(), part)) return [part]
  return part.monitors.map((monitor) => ({ ...part, monitors: [monitor] }))
}

function open(shards: Shard[]): Shard {
  const shard = empty()
  shards.push(shard)
  return shard
}

function empty(): Shard {
  return { parts: [], demand: 0, shortestIntervalMs: Infinity, longestTimeoutMs: 0 }
}

function add(shard: Shard, part: Part): void {
  const last = shard.parts.at(-1)
  // Of an origin that was split, what came together again is one part.
  if (last?.origin === part.origin) {
    const monitors = [...last.monitors, ...part.monitors]
    shard.parts.splice(-1, 1, { ...part, monitors })
  } else shard.parts.push(part)
  shard.demand += demandOf(part)
  for (const { monitor } of part.monitors) {
    shard.shortestIntervalMs = Math.min(shard.shortestIntervalMs, monitor.interval)
    shard.longestTimeoutMs = Math.max(shard.longestTimeoutMs, monitor.timeout)
  }
}

function fits(shard: Shard, part: Part): boolean {
  if (shard.parts.length >= SHARD_LIMITS.targets) return false
  if (shard.demand + demandOf(part) > SHARD_LIMITS.connections + ROUNDING) return false
  const monitors = part.monitors.map(({ monitor }) => monitor)
  const intervals = monitors.map(({ interval }) => interval)
  const timeouts = monitors.map(({ timeout }) => timeout)
  const shortestMs = Math.min(shard.shortestIntervalMs, ...intervals)
  return Math.max(shard.longestTimeoutMs, ...timeouts) <= shortestMs
}

/** Sums of sixths are not exact. */
const ROUNDING = 1e-9

/**
 * The part of a connection that it takes when every probe times out: one of as many as fit, one after the other,
 * into its interval. Not the average: probes that began together end together, and none begins in between.
 */
function demandOf({ monitors }: Part): number {
  return monitors.reduce((sum, { monitor: { interval, timeout } }) => {
    const turns = Math.floor(interval / (timeout + SHARD_LIMITS.overheadMs))
    return sum + 1 / Math.max(1, turns)
  }, 0)
}
