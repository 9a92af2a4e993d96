import { onTestFinished } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { type Origin, type Reply, startOrigin } from './origin.ts'
import type { PoolParts } from './probed.ts'
import { type RawOrigin, type RawScript, startRawOrigin } from './raw-origin.ts'

/** An origin for one test; it ends with it. */
export async function stageOrigin(id: string, reply?: Reply): Promise<Origin> {
  const origin = await startOrigin(id)
  onTestFinished(() => origin.stop())
  if (reply) origin.answer(reply)
  return origin
}

/** A raw origin for one test; it ends with it. */
export async function stageRawOrigin(id: string, script: RawScript): Promise<RawOrigin> {
  const origin = await startRawOrigin(id, script)
  onTestFinished(() => origin.stop())
  return origin
}

/** What of a route a test is about. */
export type RouteParts = Omit<NonNullable<AuthoredConfig['routes']>[string], 'steer'>

interface Placed {
  readonly id: string
  readonly url: string
}

/**
 * One route, `main`, that tries these origins in their order, each in a pool of its own name: a test knows which
 * one is asked first.
 */
export function inOrder(origins: readonly Placed[], route: RouteParts = {}): AuthoredConfig {
  return {
    pools: Object.fromEntries(
      origins.map(({ id, url }) => [id, { origins: { [id]: { url } } }] as const),
    ),
    routes: {
      main: { ...route, steer: { policy: 'failover', pools: origins.map(({ id }) => id) } },
    },
  }
}

/** As `inOrder`, with a route of its own for each host. */
export function perHost(
  origins: readonly Placed[],
  routes: Readonly<Record<string, RouteParts>>,
): AuthoredConfig {
  const { pools = {} } = inOrder(origins)
  const steered: NonNullable<AuthoredConfig['routes']> = {}
  for (const [at, [host, route]] of Object.entries(routes).entries()) {
    const steer = { policy: 'failover' as const, pools: Object.keys(pools) }
    steered[`route-${at}`] = { ...route, match: { hosts: [host] }, steer }
  }
  return { pools, routes: steered }
}

/**
 * A host, the origins that are tried for it in their order, and what else its route says. With a pool they are one pool
 * instead, of which it says the rest.
 */
export interface Lane {
  readonly host: string
  readonly origins: readonly Placed[]
  readonly route?: RouteParts
  readonly pool?: PoolParts
}

/** As `inOrder`, for many cases at once: each has a host of its own, and all of them one router. */
export function inLanes(lanes: readonly Lane[]): AuthoredConfig {
  const pools: NonNullable<AuthoredConfig['pools']> = {}
  const routes: NonNullable<AuthoredConfig['routes']> = {}
  for (const [at, { host, origins, route, pool }] of lanes.entries()) {
    const own = pool ? { [`pool-${at}`]: poolOf(origins, pool) } : inOrder(origins).pools
    Object.assign(pools, own)
    const steer = { policy: 'failover' as const, pools: Object.keys(own ?? {}) }
    routes[`lane-${at}`] = { ...route, match: { hosts: [host] }, steer }
  }
  return { pools, routes }
}

/** One route, `main`, to one pool, `all`, of these origins. */
export function inOnePool(
  origins: readonly Placed[],
  pool: PoolParts = {},
  route: RouteParts = {},
): AuthoredConfig {
  return {
    pools: { all: poolOf(origins, pool) },
    routes: { main: { ...route, steer: { policy: 'failover', pools: ['all'] } } },
  }
}

function poolOf(origins: readonly Placed[], pool: PoolParts) {
  return { ...pool, origins: Object.fromEntries(origins.map(({ id, url }) => [id, { url }])) }
}
