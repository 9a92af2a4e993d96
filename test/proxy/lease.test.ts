import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tidyLedger } from '../../src/proxy/ledger.ts'
import { closeAttempt, openAttempt } from '../../src/proxy/origin-record.ts'
import { NOW_MS } from './builders.ts'
import { worldOf } from './report-world.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function counting() {
  const world = worldOf(['a', 'b'], 100, { balance: { algorithm: 'least-connections' } })
  const [record] = world.look().ledger.origins
  if (!record) throw new Error('no record')
  return { world, record }
}

describe('connections in a pool that goes by them', () => {
  it('are said every two seconds while there are any, and when there are none any more', async () => {
    const { world, record } = counting()
    const opened = openAttempt(record)
    world.meanwhile = (atMs) => {
      if (atMs === 6000) closeAttempt(opened)
    }
    await world.run()
    const said = world.sent.map(({ atMs, report: { inFlight, requests } }) => [
      atMs,
      inFlight,
      requests,
    ])
    expect(said).toEqual([
      [2000, 1, 0],
      [4000, 1, 0],
      [6000, 0, 0],
    ])
  })

  it('count with those of all others, as long as the lease lasts', async () => {
    const { world, record } = counting()
    world.lease = { connections: 12, leaseMs: 30_000, granted: 4 }
    const opened = [openAttempt(record), openAttempt(record)]
    world.meanwhile = (atMs) => {
      if (atMs === 2000) opened.push(openAttempt(record))
      if (atMs === 4000) opened.forEach(closeAttempt)
    }
    await world.run()
    expect(record).toMatchObject({ inFlight: 12, others: 12, room: 4 })
    openAttempt(record)
    expect(record).toMatchObject({ inFlight: 13, room: 3 })
    const { ledger } = world.look()
    const heardAtMs = NOW_MS + (world.sent.at(-1)?.atMs ?? 0)
    tidyLedger(ledger, heardAtMs + 29_999)
    expect(record.others).toBe(12)
    tidyLedger(ledger, heardAtMs + 30_000)
    expect(record).toMatchObject({ others: 0, room: undefined })
  })
})
