import { describe, expect, it } from 'vitest'
import type { PassiveReport, ShareCounts } from '../../../src/schema/report.ts'
import {
  countTraffic,
  initialTraffic,
  measureTraffic,
  passingOf,
  type Traffic,
} from '../../../src/state/health/traffic.ts'

const START = 1_800_000_000_000

/** Traffic with reports of shares, each at so many seconds. */
function trafficOf(reports: readonly (readonly [second: number, shares: ShareCounts])[]): Traffic {
  return reports.reduce((traffic, [second, shares]) => {
    const counts = { requests: 0, failures: 0, errors: 0, latencies: {}, inFlight: 0 }
    const report: PassiveReport = {
      isolate: 'a',
      sequence: second,
      pool: 'us',
      ...counts,
      shares,
      ejectedFor: '',
    }
    return countTraffic(traffic, report, START + second * 1000)
  }, initialTraffic)
}

const sharesAt = (traffic: Traffic, second: number) =>
  measureTraffic(traffic, START, START + second * 1000).shares

const few = { natural: 10, free: 5, kept: 1 }
const many = { natural: 600, free: 100, kept: 40 }

describe('whom affinity keeps', () => {
  it('is summed over all that was reported of late, also where no request came', () => {
    const traffic = trafficOf([
      [0, few],
      [0, few],
      [20, few],
    ])
    expect(sharesAt(traffic, 21)).toEqual({ natural: 30, free: 15, kept: 3 })
  })

  it('is counted no further back than it takes to have enough, and five seconds at least', () => {
    const traffic = trafficOf([
      [0, few],
      [10, many],
      [12, many],
    ])
    expect(sharesAt(traffic, 13)).toEqual({ natural: 1200, free: 200, kept: 80 })
    expect(sharesAt(traffic, 17)).toEqual(many)
  })

  it('is forgotten after a minute, and absent where nothing was counted', () => {
    const traffic = trafficOf([[0, many]])
    expect(sharesAt(traffic, 60)).toEqual(many)
    expect(sharesAt(traffic, 62)).toBeUndefined()
    expect(measureTraffic(initialTraffic, 0, START)).not.toHaveProperty('shares')
  })
})

it('tells what passes through an origin, and since when that is known', () => {
  const begun = { ...initialTraffic, sinceMs: START }
  expect(passingOf(begun, START)).toEqual({ perMinute: 0, knownSinceMs: START })
  const report: PassiveReport = {
    isolate: 'a',
    sequence: 1,
    pool: 'us',
    requests: 7,
    failures: 0,
    errors: 0,
    latencies: {},
    inFlight: 0,
    ejectedFor: '',
  }
  const traffic = countTraffic(begun, report, START + 5000)
  const lastAtMs = START + 5000
  expect(passingOf(traffic, START + 60_000)).toEqual({
    perMinute: 7,
    lastAtMs,
    knownSinceMs: START,
  })
  expect(passingOf(traffic, START + 70_000)).toMatchObject({ perMinute: 0, lastAtMs })
})
