import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decideFor } from '../../src/core/decide.ts'
import { openDurable } from '../../src/proxy/affinity/durable.ts'
import { correct } from '../../src/proxy/affinity/session-touches.ts'
import { factsOf, snapshotOf } from '../support/builders.ts'
import { NOW_MS } from './builders.ts'
import { type SessionWorld, sessionWorldOf } from './session-world.ts'

const ids = ['a', 'b', 'c']
const snapshot = snapshotOf({
  pools: {
    main: {
      origins: Object.fromEntries(ids.map((id) => [id, { url: `https://${id}.example.com` }])),
    },
  },
  routes: {
    all: {
      steer: { policy: 'failover', pools: ['main'] },
      affinity: { type: 'header', names: [{ header: 'x-user' }], store: 'durable' },
    },
  },
})

/** A user's request at an isolate, by a draw of chance: what was proposed for it, and what the objects said. */
async function open(world: SessionWorld, at: { isolate: number; user: string; random: number }) {
  const passage = world.arrive(at.isolate)
  const [route] = snapshot.routes
  if (!route) throw new Error('there is one route')
  const headers = { 'x-user': at.user }
  const facts = factsOf({ headers, random: at.random, nowMs: passage.arrivedAtMs })
  const durable = await openDurable(passage, route, { facts, token: undefined })
  const observations = passage.standing.ledger
  const decision = decideFor({ route, match: 0 }, { facts, snapshot, observations })
  if (decision.type !== 'steer') throw new Error(decision.type)
  const [proposed] = decision.attempts
  const bond = durable.bond ?? (await durable.confirm?.(decision))
  return { proposed: proposed?.id, bond, waited: durable.confirm !== undefined }
}

let world: SessionWorld

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS })
  vi.stubGlobal('scheduler', { wait: async () => new Promise(() => undefined) })
  world = sessionWorldOf(snapshot, 2, { advance: () => undefined })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe.each([0, 5, -5])('a key, at objects whose clock is %d ms ahead', (aheadMs) => {
  beforeEach(() => {
    world.aheadMs = aheadMs
  })

  it('is bound where it is proposed, since it came: the answer is known for our own', async () => {
    const first = await open(world, { isolate: 0, user: 'anna', random: 0.1 })
    expect(first.bond).toEqual({ origin: first.proposed, boundAtMs: NOW_MS })
    expect(await open(world, { isolate: 0, user: 'anna', random: 0.9 })).toMatchObject({
      bond: first.bond,
      waited: false,
    })
    expect(world.calls).toBe(1)
  })

  it('belongs where another isolate has bound it, since then', async () => {
    const first = await open(world, { isolate: 0, user: 'anna', random: 0.1 })
    vi.setSystemTime(NOW_MS + 1000)
    const second = await open(world, { isolate: 1, user: 'anna', random: 0.9 })
    expect(second.proposed).not.toBe(first.proposed)
    expect(second.bond).toEqual(first.bond)
  })
})

it('stands as it was proposed while the objects are away, and nobody waits twice', async () => {
  world.isUp = false
  const first = await open(world, { isolate: 0, user: 'anna', random: 0.1 })
  expect(first.bond).toEqual({ origin: first.proposed, boundAtMs: NOW_MS })
  const again = await open(world, { isolate: 0, user: 'anna', random: 0.9 })
  expect([again.bond, again.waited, world.calls]).toEqual([first.bond, false, 1])
})

it('that was moved while a request of it was under way is not moved back by the answer', async () => {
  const first = await open(world, { isolate: 0, user: 'anna', random: 0.1 })
  const passage = world.arrive(0)
  const [route] = snapshot.routes
  const [session] = passage.isolate.durable.cache.young.sessions.values()
  if (!route || !session || !first.bond) throw new Error('anna is bound')
  const facts = factsOf({ headers: { 'x-user': 'anna' }, nowMs: passage.arrivedAtMs })
  const durable = await openDurable(passage, route, { facts, token: undefined })
  const inputs = {
    facts: { ...facts, bond: first.bond },
    snapshot,
    observations: passage.standing.ledger,
  }
  const decision = decideFor({ route, match: 0 }, inputs)
  if (decision.type !== 'steer') throw new Error(decision.type)
  const [origin, other] = decision.attempts
  if (!origin || !other) throw new Error('there are three origins')
  const moved = { origin: other.id, boundAtMs: NOW_MS + 500 }
  // An operator, or another isolate: this one hears of it with its next batch.
  const correction = { gone: false, ...moved, dataAtMs: 0 } as const
  correct(passage.isolate.durable.cache, session, { correction, was: { ...session } })
  durable.answered({ origin, status: 200, headers: new Headers(), decision })
  expect(await open(world, { isolate: 0, user: 'anna', random: 0.9 })).toMatchObject({
    bond: moved,
  })
})
