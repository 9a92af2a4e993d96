import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { closeAttempt, openAttempt } from '../../src/proxy/origin-record.ts'
import { areReportsDue, type Post, report, reportAtOnce } from '../../src/proxy/reports.ts'
import type { OutlierEvent } from '../../src/state/outlier.ts'
import { NOW_MS } from './builders.ts'
import { type World, worldOf } from './report-world.ts'

/** Requests come all the time, and one of them sees to the reports whenever nobody does. */
async function live(world: World, untilMs: number, event?: OutlierEvent): Promise<void> {
  const see = () => void world.see('a', event)
  const { meanwhile } = world
  world.meanwhile = (atMs) => {
    meanwhile(atMs)
    see()
  }
  while (Date.now() - NOW_MS < untilMs) {
    see()
    await world.run()
  }
}

function subjectOf(world: World) {
  const { snapshot, ledger } = world.look()
  const [record] = ledger.origins
  const [pool] = snapshot.pools
  if (!record || !pool) throw new Error('no origin')
  return { pool, record, revision: 7 }
}

function fail(world: World): boolean {
  return Array.from({ length: 5 }, () => world.see('a', 'failure')).at(-1) === true
}

const timesOf = ({ sent }: World) => sent.map(({ atMs }) => atMs)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('what an isolate sees', () => {
  it('is said two seconds later in one call, and then nobody is at it any more', async () => {
    const world = worldOf(['a', 'b'])
    world.see('a', 'success', 10)
    world.see('a', 'error', 12)
    await world.run()
    expect(world.sent).toMatchObject([
      {
        atMs: 2000,
        origin: 'a',
        report: {
          sequence: 1,
          pool: 'main',
          requests: 2,
          failures: 0,
          errors: 1,
          latencies: { 13: 1, 14: 1 },
          inFlight: 0,
          ejectedFor: '',
          settings: {
            revision: 1,
            passive: { failureRate: 0.5, minRequests: 50, windowMs: 30_000 },
            holdDown: { baseMs: 60_000, maxMs: 1_800_000 },
          },
        },
      },
    ])
    expect(world.reports).toMatchObject({ armedAtMs: 0, sent: 1, unanswered: 0, untold: 0 })
    expect(areReportsDue(world.reports, Date.now())).toBe(true)
  })

  it.each([
    { often: 'every ten seconds while all is well', times: [2000, 12_000, 22_000, 32_000] },
    { often: 'every two seconds while a share moves', share: 25, times: [2000, 4000, 6000, 8000] },
    {
      often: 'every two seconds while something fails',
      event: 'failure' as const,
      times: [2000, 4000, 6000, 8000],
    },
  ])('is said $often', async ({ share, event, times }) => {
    const world = worldOf(['a', 'b', 'c'], share)
    await live(world, times.at(-1) ?? 0, event)
    expect(timesOf(world)).toEqual(times)
  })

  it('is said as seldom as its object asks, and at least every half minute', async () => {
    const world = worldOf(['a'], 25)
    world.askedMs = 6000
    await live(world, 20_000)
    expect(timesOf(world)).toEqual([2000, 8000, 14_000, 20_000])
    world.askedMs = 3_600_000
    await live(world, 200_000)
    const gaps = timesOf(world).map((time, at) => time - (timesOf(world)[at - 1] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000)
  })

  it('is said in all by whoever is not relieved, although it is not yet due', async () => {
    const world = worldOf(['a'])
    world.askedMs = 30_000
    world.see('a')
    await world.run()
    world.see('a')
    await world.run()
    expect(timesOf(world)).toEqual([2000, 22_000])
    expect(world.reports.armedAtMs).toBe(0)
  })

  it('is left to a later request that takes over', async () => {
    const world = worldOf(['a'])
    world.askedMs = 30_000
    world.see('a')
    await world.run()
    world.see('a')
    world.meanwhile = (atMs) => {
      if (atMs === 16_000) world.reports.armedAtMs = NOW_MS + atMs
    }
    await world.run()
    expect(timesOf(world)).toEqual([2000])
    expect(world.reports.armedAtMs).toBe(NOW_MS + 16_000)
  })

  it('is waited for while requests are in flight', async () => {
    const world = worldOf(['a'])
    const record = world.look().ledger.origins[0]
    if (!record) throw new Error('no record')
    const opened = openAttempt(record)
    world.meanwhile = (atMs) => {
      if (atMs !== 6000) return
      closeAttempt(opened)
      world.see('a')
    }
    await world.run()
    expect(timesOf(world)).toEqual([6000])
  })
})

describe('a report that nobody answers', () => {
  it('goes again as it is, and what was seen since follows on its own', async () => {
    const world = worldOf(['a'])
    world.askedMs = undefined
    world.see('a')
    world.meanwhile = (atMs) => {
      world.see('a')
      if (atMs >= 5000) world.askedMs = 2000
    }
    await world.run()
    const said = world.sent.map(({ report: { sequence, requests } }) => [sequence, requests])
    expect(said.slice(0, 2)).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(said[2]?.[0]).toBe(2)
    expect(world.reports.unanswered).toBe(1)
    expect(world.reports.untold).toBe(0)
  })

  it('is asked for less and less often, and given up when it is too old', async () => {
    const world = worldOf(['a'])
    world.askedMs = undefined
    world.see('a')
    for (let round = 0; round < 6; round += 1) await world.run()
    const times = timesOf(world)
    expect(times.slice(0, 3)).toEqual([2000, 6000, 14_000])
    expect(new Set(world.sent.map(({ report: { sequence } }) => sequence))).toEqual(new Set([1]))
    expect(world.reports).toMatchObject({ untold: 1, sent: 0 })
    expect(world.sent.length).toBeLessThan(8)
  })
})

describe('an origin that is put aside', () => {
  it('is reported at once, with the reason', async () => {
    const world = worldOf(['a', 'b'])
    expect(fail(world)).toBe(true)
    await reportAtOnce(world.reports, subjectOf(world), world.post)
    expect(world.sent).toMatchObject([
      { atMs: 0, report: { requests: 5, failures: 5, ejectedFor: '5 failures in a row' } },
    ])
  })

  it('is reported two seconds after the report before, and by one of those who want to', async () => {
    const world = worldOf(['a', 'b'])
    world.see('a')
    await world.run()
    world.meanwhile = () => undefined
    vi.setSystemTime(NOW_MS + 2500)
    fail(world)
    const subject = subjectOf(world)
    await Promise.all([
      reportAtOnce(world.reports, subject, world.post),
      reportAtOnce(world.reports, subject, world.post),
    ])
    expect(timesOf(world)[1]).toBeGreaterThanOrEqual(4000)
    expect(world.sent).toHaveLength(2)
  })
})

it('a round takes so many origins, those that fail first, and few at a time', async () => {
  const ids = Array.from({ length: 100 }, (_, n) => `o-${n}`)
  const world = worldOf(ids)
  for (const id of ids) world.see(id, id === 'o-99' ? 'failure' : 'success')
  let [underWay, most] = [0, 0]
  const post: Post = async (origin, said) => {
    underWay += 1
    most = Math.max(most, underWay)
    await Promise.resolve()
    underWay -= 1
    return world.post(origin, said)
  }
  await report(world.reports, world.look, post)
  expect(world.sent[0]?.origin).toBe('o-99')
  expect(world.sent.filter(({ atMs }) => atMs === 2000)).toHaveLength(48)
  expect(new Set(world.sent.map(({ origin }) => origin)).size).toBe(100)
  expect(most).toBe(4)
})
