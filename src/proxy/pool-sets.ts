import type { CompiledPool, Conditioned, Ordering, Snapshot } from '../core/snapshot.ts'

const COUNTING_POLICIES: readonly string[] = ['least-connections', 'least-response-time']

function isCounting({ policy }: Ordering): boolean {
  return COUNTING_POLICIES.includes(policy)
}

/** Pools whose requests in flight decide something: in these, clients that go away are noticed at once. */
export function countedPools({ pools, routes }: Snapshot): ReadonlySet<string> {
  const steers = routes.flatMap(({ steer, writes }) => [steer ?? [], writes ?? []].flat())
  const steered = steers.flatMap(({ ordering, pools: members }) =>
    isCounting(ordering) ? members.flatMap((at) => pools[at] ?? []) : [],
  )
  const balanced = pools.filter(
    ({ ordering, origins }) =>
      isCounting(ordering) || origins.some(({ maxConnections }) => maxConnections !== undefined),
  )
  return new Set([...steered, ...balanced].map(({ id }) => id))
}

/** Those of them whose requests count until their answers have ended. */
export function heldPools(counted: ReadonlySet<string>, { pools }: Snapshot): ReadonlySet<string> {
  const held = pools.filter(({ id, countUntil }) => countUntil === 'end' && counted.has(id))
  return new Set(held.map(({ id }) => id))
}

/**
 * Pools in which something is on its way, and those beside them in a route, by which it is judged: the gate of
 * a ramp waits for what they see.
 */
export function watchedPools({ pools, routes }: Snapshot): ReadonlySet<string> {
  const moving = new Set(pools.filter(isMoving).map(({ index }) => index))
  const isStill = moving.size === 0 && !routes.some(({ steer }) => steer?.shift)
  if (isStill) return new Set()
  const beside = routes.flatMap(({ steer }) =>
    steer && (steer.shift || steer.pools.some((at) => moving.has(at))) ? steer.pools : [],
  )
  return new Set([...moving, ...beside].flatMap((at) => pools[at]?.id ?? []))
}

function isMoving(pool: CompiledPool): boolean {
  return [pool, ...pool.origins].some(isOnItsWay)
}

/** A recovery has an attempt until it is over: at its last step, with the whole share, its gate still waits. */
function isOnItsWay({ sharePercent, attempt }: Conditioned): boolean {
  return sharePercent < 100 || attempt !== undefined
}
