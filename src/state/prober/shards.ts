import type { Monitor } from '../../schema/monitor.ts'

/** Bounds of one prober. */
export const SHARD_LIMITS = {
  /** Connections that may wait for an answer at a time (Workers: six for one invocation). */
  connections: 6,
  /** What passes between the end of one probe and the begin of the next on the same connection. */
  overheadMs: 100,
  targets: 500,
} as const

/** What one prober probes of one origin: all that its region has to probe of it. */
export interface Part {
  readonly pool: string
  readonly origin: string
  readonly monitors: readonly { readonly id: string; readonly monitor: Monitor }[]
}

type Pace = Pick<Monitor, 'interval' | 'timeout'>

interface Shard {
  readonly parts: Part[]
  readonly paces: Pace[]
  shortestMs: number
  /** Of all paces, with this shortest interval. */
  demand: number
}

/**
 * Divides the parts among as many probers as it takes to probe each within its interval even when every probe
 * waits for its whole timeout: first fit, in the order given. An origin is never divided, since its object hears
 * one prober of a region; one that fits nowhere has a prober to itself.
 *
 * Counted with the interval and not with the shorter one for what is in doubt: a prober with nothing but dead
 * origins goes back to the interval, one with a few dead ones has room for more looks at them.
 */
export function packShards(parts: readonly Part[]): (readonly Part[])[] {
  const shards: Shard[] = []
  for (const part of parts) {
    const paces = part.monitors.map(({ monitor }) => monitor)
    add(shards.find((each) => fits(each, paces)) ?? open(shards), { part, paces })
  }
  return shards.map((shard) => shard.parts)
}

function open(shards: Shard[]): Shard {
  const shard = { parts: [], paces: [], shortestMs: Infinity, demand: 0 }
  shards.push(shard)
  return shard
}

function add(
  shard: Shard,
  { part, paces }: { readonly part: Part; readonly paces: readonly Pace[] },
): void {
  const { shortestMs, demand } = toDemand(shard, paces)
  shard.parts.push(part)
  shard.paces.push(...paces)
  shard.shortestMs = shortestMs
  shard.demand = demand
}

function fits(shard: Shard, paces: readonly Pace[]): boolean {
  // Most of them are full: that is seen without a look at what is in them.
  if (shard.demand >= SHARD_LIMITS.connections || shard.parts.length >= SHARD_LIMITS.targets) {
    return false
  }
  return toDemand(shard, paces).demand <= SHARD_LIMITS.connections + ROUNDING
}

/** The demand of a shard with more in it. Only a new shortest interval changes that of the others. */
function toDemand(shard: Shard, paces: readonly Pace[]): Pick<Shard, 'shortestMs' | 'demand'> {
  const shortestMs = Math.min(shard.shortestMs, ...paces.map(({ interval }) => interval))
  const before = shortestMs === shard.shortestMs ? shard.demand : sumOf(shard.paces, shortestMs)
  return { shortestMs, demand: before + sumOf(paces, shortestMs) }
}

function sumOf(paces: readonly Pace[], shortestMs: number): number {
  return paces.reduce((sum, pace) => sum + demandOf(pace, shortestMs), 0)
}

/** Sums of sixths are not exact. */
const ROUNDING = 1e-9

/**
 * The part of a connection that a check takes when every probe times out: one of as many as fit, one after the
 * other, into its interval. Not the average: probes that began together end together, and none begins in
 * between. One that may last longer than the shortest interval beside it has a connection to itself: otherwise a
 * few of them that hang would stand in the way.
 */
function demandOf({ interval, timeout }: Pace, shortestMs: number): number {
  const lastsMs = timeout + SHARD_LIMITS.overheadMs
  return timeout > shortestMs ? 1 : 1 / Math.max(1, Math.floor(interval / lastsMs))
}
