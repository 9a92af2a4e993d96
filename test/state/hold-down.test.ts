import { describe, expect, it } from 'vitest'
import { HoldDown } from '../../src/schema/ramp.ts'
import {
  fall,
  holdMsOf,
  initialHold,
  rebaseHold,
  recover,
  remainingHoldMs,
} from '../../src/state/hold-down.ts'

const settings = HoldDown.parse({ base: '60s', max: '30m' })
const START = 1_000_000_000
const MINUTE = 60_000

/** Falls and comes back as soon as it may, `times` times, each time well for `wellMs` in between. */
function flap(times: number, wellMs: number) {
  let state = initialHold
  let nowMs = START
  for (let at = 0; at < times; at += 1) {
    state = fall(state, settings, nowMs)
    nowMs += remainingHoldMs(state, nowMs)
    state = recover(state, nowMs)
    nowMs += wellMs
  }
  return { state, nowMs }
}

describe('hold-down', () => {
  it('does not hold the first fall', () => {
    const state = fall(initialHold, settings, START)
    expect(state).toEqual({ flaps: 0, fellAtMs: START, recoveredAtMs: null, holdMs: 0 })
    expect(remainingHoldMs(state, START)).toBe(0)
  })

  it('holds each fall soon after a recovery twice as long as the one before, up to the most', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 7, 8].map((times) => {
      const { state, nowMs } = flap(times, MINUTE)
      return remainingHoldMs(fall(state, settings, nowMs), nowMs) / MINUTE
    })
    expect(minutes).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
  })

  it('counts the hold-down from the fall, and not from when it looked well', () => {
    const { state, nowMs } = flap(1, MINUTE)
    const fallen = fall(state, settings, nowMs)
    expect(remainingHoldMs(fallen, nowMs + 45_000)).toBe(15_000)
    expect(remainingHoldMs(fallen, nowMs + MINUTE)).toBe(0)
    expect(remainingHoldMs(recover(fallen, nowMs + MINUTE), nowMs + MINUTE)).toBe(0)
  })

  it('forgives after 10 minutes of quiet', () => {
    const { state, nowMs } = flap(2, 0)
    expect(fall(state, settings, nowMs + 10 * MINUTE - 1).flaps).toBe(2)
    expect(fall(state, settings, nowMs + 10 * MINUTE).flaps).toBe(0)
  })

  it('forgives a long hold-down only after four times its length', () => {
    const { state, nowMs } = flap(5, 0)
    expect(state.holdMs).toBe(8 * MINUTE)
    expect(fall(state, settings, nowMs + 32 * MINUTE - 1).flaps).toBe(5)
    expect(fall(state, settings, nowMs + 32 * MINUTE).flaps).toBe(0)
  })

  it('takes a second fall or recovery for the same', () => {
    const { state, nowMs } = flap(2, MINUTE)
    const fallen = fall(state, settings, nowMs)
    expect(fall(fallen, settings, nowMs + 5000)).toBe(fallen)
    const well = recover(fallen, nowMs + 10_000)
    expect(recover(well, nowMs + 20_000)).toBe(well)
    expect(recover(initialHold, nowMs)).toBe(initialHold)
  })

  it('never lasts longer than its length when the clock jumps back', () => {
    const { state, nowMs } = flap(1, MINUTE)
    const early = nowMs - 86_400_000
    const fallen = rebaseHold(fall(state, settings, nowMs), early)
    expect(remainingHoldMs(fallen, early)).toBe(MINUTE)
    expect(remainingHoldMs(fallen, early + MINUTE)).toBe(0)
    expect(rebaseHold(fallen, early)).toBe(fallen)
    const well = rebaseHold(recover(fallen, nowMs), early)
    expect(fall(well, settings, early + 10 * MINUTE).flaps).toBe(0)
  })

  it('can be turned off', () => {
    const off = HoldDown.parse({ base: '0ms' })
    expect([0, 1, 2, 2000].map((times) => holdMsOf(off, times))).toEqual([0, 0, 0, 0])
    expect(holdMsOf(settings, 2000)).toBe(30 * MINUTE)
  })
})
