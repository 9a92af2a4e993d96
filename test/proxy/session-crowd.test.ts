import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { snapshotOf } from '../support/builders.ts'
import { NOW_MS } from './builders.ts'
import {
  type Clock,
  drawing,
  type SessionWorld,
  sessionWorldOf,
  type Visitor,
} from './session-world.ts'

/** The crowd with cookies is a hundred thousand (`test/state/traffic/hundred-thousand.test.ts`); this one asks objects. */
const CLIENTS = 25_000
const ISOLATES = 4

const ids = ['us-1', 'us-2', 'eu-1', 'eu-2']
const CONFIG: AuthoredConfig = {
  pools: {
    all: {
      origins: Object.fromEntries(ids.map((id) => [id, { url: `https://${id}.example.com` }])),
    },
  },
  routes: {
    all: {
      steer: { policy: 'failover', pools: ['all'] },
      affinity: { type: 'cookie', store: 'durable', ttl: '7d' },
    },
  },
}

const draw = drawing(7)
const anyIsolate = (): number => Math.floor(draw() * ISOLATES)

let sleepers: (() => void)[] = []
const clock: Clock = {
  advance() {
    vi.setSystemTime(Date.now() + 1000)
    const woken = sleepers
    sleepers = []
    for (const wake of woken) wake()
  },
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS })
  vi.stubGlobal('scheduler', {
    wait: async () => new Promise<void>((resolve) => void sleepers.push(resolve)),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** Clients come, some at a time, and the isolates tell of them. */
async function come(
  world: SessionWorld,
  visitors: readonly Visitor[],
  visit: (visitor: Visitor) => void,
): Promise<void> {
  for (let first = 0; first < visitors.length; first += 10_000) {
    for (const visitor of visitors.slice(first, first + 10_000)) visit(visitor)
    // Most of the time an isolate has told before the client comes again, and not always.
    await world.round()
  }
  for (let round = 0; round < 12; round += 1) await world.round()
}

/** How many belong to each origin, by the objects. */
function countsOf({ stored }: SessionWorld): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { origin } of stored.values()) counts[origin] = (counts[origin] ?? 0) + 1
  return counts
}

it(
  'loses and splits none of 25,000 sessions through a drain and a failover',
  { timeout: 120_000 },
  async () => {
    const world = sessionWorldOf(snapshotOf(CONFIG), ISOLATES, clock)
    const visitors = Array.from({ length: CLIENTS }, (): Visitor => ({ token: undefined }))
    const homes = () => visitors.map(({ token }) => token?.origin)
    await come(world, visitors, (visitor) => world.visit(visitor, anyIsolate()))
    expect(world.stored.size).toBe(CLIENTS)
    const atFirst = homes()

    const drainFromMs = Date.now()
    const drain = { state: 'drain', drainFromMs, drainUntilMs: drainFromMs + 3_600_000 } as const
    world.snapshot = snapshotOf(CONFIG, { origins: { 'us-1': drain } })
    await come(world, visitors.slice(0, 10_000), (visitor) => world.visit(visitor, anyIsolate()))
    expect(homes()).toEqual(atFirst)

    vi.setSystemTime(drain.drainUntilMs + 1)
    const some = visitors.filter(({ token }, at) => token?.origin === 'us-1' || at < 10_000)
    await come(world, some, (visitor) => world.visit(visitor, anyIsolate()))
    const drained = homes()
    expect(countsOf(world)['us-1']).toBeUndefined()
    const moved = drained.filter((home, at) => home !== atFirst[at])
    expect(moved.length).toBe(atFirst.filter((home) => home === 'us-1').length)

    const ill = { health: 'unhealthy' } as const
    world.snapshot = snapshotOf(CONFIG, { origins: { 'us-1': drain, 'us-2': ill } })
    const lost = visitors.filter(({ token }) => token?.origin === 'us-2')
    // Two requests of a page at the same time, to two isolates: each moves the client, and not to the same origin.
    await come(world, lost, (visitor) => {
      const page: Visitor = { token: visitor.token }
      world.visit(page, 0)
      world.visit(visitor, 1)
    })
    world.snapshot = snapshotOf(CONFIG, { origins: { 'us-1': drain } })
    await come(world, lost, (visitor) => world.visit(visitor, 0))
    const settled = homes()
    await come(world, lost, (visitor) => world.visit(visitor, anyIsolate()))
    expect(homes()).toEqual(settled)

    expect(world.stored.size).toBe(CLIENTS)
    const told: Record<string, number> = {}
    for (const home of settled) told[home ?? ''] = (told[home ?? ''] ?? 0) + 1
    expect(countsOf(world)).toEqual(told)
    expect(Object.keys(told).toSorted()).toEqual(['eu-1', 'eu-2'])
  },
)
