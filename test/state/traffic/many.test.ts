import { describe, expect, it } from 'vitest'
import { control } from '../../../src/state/control/control.ts'
import { cpuMsOf } from '../../support/cpu-time.ts'
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
    let stepped: ReturnType<typeof control.step> | undefined
    const took = cpuMsOf(() => {
      stepped = control.step(state, { type: 'wake' }, nowMs + 300_000)
    })
    const [next, effects] = stepped ?? []
    // An object has 30 s. What took as many steps as there are pairs of origins took ten of them here.
    expect(took).toBeLessThan(3000)
    expect(next).toMatchObject({ leaving: {}, leavingSince: '', drains: {} })
    expect(next?.conditions).toEqual({ origins: {}, pools: {}, routes: {} })
    expect(effects).toContainEqual({ type: 'publish' })
  })
})

describe('a thousand windows that end at one moment', () => {
  it('end in more than one step, and no alarm is needed in between but the next', () => {
    const world = new World(poolsOf(200))
    const untilMs = world.nowMs + 1000
    const said = { state: 'drain', reason: '', by: 'ada', fromMs: world.nowMs, untilMs } as const
    const held = { ...said, serial: 1, hasBegun: true, isForced: true }
    const keys = Object.keys(world.state.plan?.poolOf ?? {}).map((id) => `origin:${id}`)
    const overrides = Object.fromEntries(keys.map((key) => [key, held] as const))
    const [half] = control.step({ ...world.state, overrides }, { type: 'wake' }, untilMs)
    expect(Object.keys(half.overrides)).toHaveLength(500)
    expect(control.wakeAtMs(half)).toBe(untilMs)
    const [whole] = control.step(half, { type: 'wake' }, untilMs + 100)
    expect(whole.overrides).toEqual({})
  })
})
