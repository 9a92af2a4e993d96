import { describe, expect, it } from 'vitest'
import { type Left, toDrainReport } from '../../../src/state/traffic/drained.ts'

const TIMES = { fromMs: 100_000, untilMs: 400_000 }

function leftOf(left: Partial<Left['passing']> = {}, connections = 0): Left {
  return { connections, passing: { perMinute: 0, knownSinceMs: 0, ...left } }
}

describe('a drain', () => {
  it('is over when nothing is open and nothing came for half a minute', () => {
    const left = [leftOf({ lastAtMs: 110_000 }), leftOf({ lastAtMs: 90_000 })]
    expect(toDrainReport(TIMES, { left, mayReturn: false }, 139_999)).toMatchObject({
      drained: false,
      left: 'nothing for 29 s of 30 s',
    })
    expect(toDrainReport(TIMES, { left, mayReturn: false }, 140_000)).toEqual({
      ...TIMES,
      drained: true,
      left: 'nothing',
      connections: 0,
      requestsPerMinute: 0,
    })
  })

  it('is not over half a minute after nothing when it has only just begun', () => {
    expect(toDrainReport(TIMES, { left: [leftOf()], mayReturn: false }, 129_999).drained).toBe(
      false,
    )
    expect(toDrainReport(TIMES, { left: [leftOf()], mayReturn: false }, 130_000).drained).toBe(true)
  })

  it('is not over by the word of an object that has only just begun to count', () => {
    const left = [leftOf({ knownSinceMs: 120_000 })]
    expect(toDrainReport(TIMES, { left, mayReturn: false }, 149_999).drained).toBe(false)
    expect(toDrainReport(TIMES, { left, mayReturn: false }, 150_000).drained).toBe(true)
  })

  it('waits for what is open, also past its time', () => {
    const left = [leftOf({}, 2), leftOf({}, 1)]
    expect(toDrainReport(TIMES, { left, mayReturn: false }, 999_000)).toMatchObject({
      drained: false,
      left: '3 open connections',
    })
  })

  it('waits for sessions until its time is over', () => {
    const rest = { left: [leftOf({ perMinute: 1 })], sessions: 40, mayReturn: false }
    expect(toDrainReport(TIMES, rest, 399_999)).toMatchObject({
      drained: false,
      left: '1 request in the last minute, 40 sessions',
      sessions: 40,
    })
    expect(toDrainReport(TIMES, rest, 400_000).drained).toBe(true)
  })

  it('waits for clients with a cookie until its time is over', () => {
    const rest = { left: [leftOf()], mayReturn: true }
    expect(toDrainReport(TIMES, rest, 399_999)).toMatchObject({
      drained: false,
      left: 'nothing now, but clients with a cookie may come back',
    })
    expect(toDrainReport(TIMES, rest, 400_000)).toMatchObject({ drained: true, left: 'nothing' })
  })

  it('is never over while something is not known', () => {
    expect(
      toDrainReport(TIMES, { left: [], missing: 'no answer', mayReturn: false }, 999_000),
    ).toEqual({
      ...TIMES,
      drained: false,
      left: 'no answer',
    })
  })
})
