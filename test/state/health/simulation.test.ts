import { expect, it } from 'vitest'
import { remainingHoldMs } from '../../../src/state/hold-down.ts'
import { Month } from './month.ts'

const DAY_MS = 86_400_000

/**
 * After so long the truth is known: the interval, three failures or successes 5 s apart, and a report that was
 * lost or late on the way.
 */
const SETTLED_MS = 120_000

interface Course {
  readonly falls: number
  readonly reports: number
  readonly restarts: number
  readonly rows: number
  readonly alarms: number
  readonly told: number
}

/** Lives for so many days and checks at every moment what must hold. */
function live(seed: number, days: number): Course {
  // Traffic in the shorter worlds only: it makes them twice as slow.
  const month = new Month(seed, { hasTraffic: days === 1 })
  const { world } = month
  const endMs = month.nowMs + days * DAY_MS
  let falls = 0
  let before = world.health
  while (month.nowMs < endMs) {
    month.advance()
    const { health, hold } = world.state.standing
    if (before !== 'unhealthy' && health === 'unhealthy') falls += 1
    before = health
    if (month.nowMs - month.unsettledAtMs < SETTLED_MS) continue
    const isHeld = remainingHoldMs(hold, world.nowMs) > 0
    const isRight = month.truth.isUp ? health !== 'unhealthy' || isHeld : health === 'unhealthy'
    if (isRight) continue
    const { isUp, cutOff } = month.truth
    const truth = `${isUp ? 'up' : 'down'}, cut off: ${[...cutOff].join(' ')}`
    throw new Error(`seed ${seed}: ${truth}, but ${health}: ${world.evidence}`)
  }
  world.isHeard = true
  world.wait(60_000)
  expect(world.told.at(-1)).toMatchObject({
    health: world.health,
    sequence: world.state.standing.sequence,
  })
  const { reports, restarts } = month
  const { rows, alarms } = world
  return { falls, reports, restarts, rows, alarms, told: world.told.length }
}

it('knows the truth through a month of trouble', () => {
  const month = live(1, 30)
  expect(month.falls).toBeGreaterThan(100)
  expect(month.restarts).toBeGreaterThan(10_000)
  expect(month.rows).toBeLessThan(month.reports)
}, 60_000)

it('knows it in other worlds as well', () => {
  const seeds = Array.from({ length: 10 }, (_, at) => at + 2)
  expect(seeds.map((seed) => live(seed, 1).falls > 0)).not.toContain(false)
}, 60_000)
