import { describe, expect, it } from 'vitest'
import { control } from '../../../src/state/control/control.ts'
import { World } from './world.ts'

const PER_POOL = 600

/** Five pools, each with so many origins that drain before they go. */
function poolsOf(perPool: number) {
  const pools = Array.from({ length: 5 }, (_, pool) => {
    const origins = Array.from({ length: perPool }, (__, origin) => {
      return [`o-${pool}-${origin}`, { url: `https://o-${pool}-${origin}.example.com` }] as const
    })
    return [`p-${pool}`, { drainRemoved: true, origins: Object.fromEntries(origins) }] as const
  })
  return { pools: Object.fromEntries(pools) }
}

describe('thousands of origins that one revision removes', () => {
  it('leave in one step that an object has time for', () => {
    const world = new World(poolsOf(PER_POOL))
    world.put(poolsOf(1))
    const { state, nowMs } = world
    expect(Object.keys(state.leaving)).toHaveLength(5 * (PER_POOL - 1))
    const beganAtMs = performance.now()
    const [next, effects] = control.step(state, { type: 'wake' }, nowMs + 300_000)
    // An object has 30 s. What took as many steps as there are pairs of origins took ten of them here.
    expect(performance.now() - beganAtMs).toBeLessThan(3000)
    expect(next).toMatchObject({ leaving: {}, leavingSince: '', drains: {} })
    expect(next.conditions).toEqual({ origins: {}, pools: {}, routes: {} })
    expect(effects).toContainEqual({ type: 'publish' })
  })
})
