import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { Health } from '../../../src/schema/health.ts'
import { OPERATOR, World } from './world.ts'

type Action = (world: World) => void

const gate = { minSamples: 10 }
const base = {
  ramps: { quick: { dwell: '30s', gate, longestWait: '5m' }, other: { steps: [50, 100] } },
  pools: {
    us: {
      recovery: 'quick',
      drainTimeout: '2m',
      drainRemoved: true,
      origins: {
        'us-1': { url: 'https://us-1.example.com' },
        'us-2': { url: 'https://us-2.example.com' },
      },
    },
    eu: {
      recovery: 'quick',
      failback: { delay: '20s' },
      origins: { 'eu-1': { url: 'https://eu-1.example.com' } },
    },
    ap: { origins: { 'ap-1': { url: 'https://ap-1.example.com' } } },
  },
  routes: {
    all: { steer: { policy: 'weighted', weights: { us: 50, eu: 30, ap: 20 } } },
    near: { match: { path: '/near' }, steer: { policy: 'failover', pools: ['us', 'eu'] } },
  },
  interlocks: { maxChangePercent: 80, minCapacityPercent: 20 },
} satisfies AuthoredConfig

/** Configurations that follow each other: pools and origins go and come, weights and ramps change. */
const { ap: _ap, ...withoutAp } = base.pools
const configs: readonly AuthoredConfig[] = [
  base,
  { ...base, ramps: { ...base.ramps, quick: { dwell: '10s', gate, steps: [20, 100] } } },
  { ...base, pools: { ...base.pools, us: { ...base.pools.us, state: 'maintenance' } } },
  {
    ...base,
    pools: { ...base.pools, us: { origins: { 'us-2': base.pools.us.origins['us-2'] } } },
  },
  // An origin drains before it is gone.
  {
    ...base,
    pools: {
      ...base.pools,
      us: { ...base.pools.us, origins: { 'us-2': base.pools.us.origins['us-2'] } },
    },
  },
  {
    ...base,
    pools: withoutAp,
    routes: { ...base.routes, all: { steer: { policy: 'weighted', weights: { us: 1, eu: 1 } } } },
  },
]

const origins = ['us-1', 'us-2', 'eu-1', 'ap-1'] as const
const origin = fc.constantFrom(...origins)
const subject = fc.constantFrom(
  ...origins.map((id) => `origin:${id}`),
  'pool:us',
  'pool:eu',
  'pool:ap',
)
const health = fc.constantFrom<Health>('healthy', 'unhealthy', 'degraded', 'unknown')
const confirmWithinMs = fc.constantFrom(undefined, undefined, 30_000)

const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(origin, health).map(
      ([id, now]): Action =>
        (world) =>
          world.health(id, now),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 120_000 }).map(
      (ms): Action =>
        (world) =>
          world.pass(ms),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(origin, fc.constantFrom(0, 1, 20), fc.constantFrom(0, 0.02, 0.9)).map(
      ([id, perSecond, failed]): Action =>
        (world) =>
          world.does(id, { perSecond, failed }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        subject,
        fc.constantFrom('ready', 'drain', 'maintenance'),
        fc.constantFrom(undefined, 20_000),
        fc.constantFrom(undefined, 90_000),
        fc.constantFrom(undefined, 'quick'),
        confirmWithinMs,
      )
      .map(
        ([key, state, from, until, ramp, within]): Action =>
          (world) =>
            void world.set(key, state, {
              ...(from !== undefined && { fromMs: world.nowMs + from }),
              ...(until !== undefined && { untilMs: world.nowMs + until }),
              ...(ramp !== undefined && state === 'drain' && { ramp }),
              confirmWithinMs: within,
            }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('us', 'eu', 'ap'),
        fc.constantFrom(0, 20, 100, 100),
        fc.constantFrom(undefined, 90_000),
        confirmWithinMs,
      )
      .map(([pool, newPercent, until, within]): Action => (world) => {
        const shed =
          newPercent === 0 ? null : ({ newPercent, sessionPercent: 0, by: 'hash' } as const)
        const untilMs = until === undefined ? undefined : world.nowMs + until
        world.shed(pool, shed, { untilMs, confirmWithinMs: within })
      }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(5), fc.nat(5), confirmWithinMs).map(
      ([us, eu, within]): Action =>
        (world) =>
          void world.shift('all', { us, eu: eu + 1 }, { ramp: 'quick', confirmWithinMs: within }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.nat(9),
        fc.constantFrom('pause', 'resume', 'step-back', 'promote', 'abort', 'abort-in-steps'),
      )
      .map(
        ([at, name]): Action =>
          (world) =>
            command(world, at, name),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...configs).map(
      (config): Action =>
        (world) =>
          world.put(config),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Action>((world) => world.crash()) },
  {
    weight: 3,
    arbitrary: fc.nat(6).map(
      (lives): Action =>
        (world) =>
          world.doom(lives),
    ),
  },
  // An answer that came before comes again, whatever has happened since.
  {
    weight: 2,
    arbitrary: fc.nat(20).map((back): Action => (world) => {
      const again = world.answers.at(-1 - back)
      if (again) world.dispatch(again)
    }),
  },
  // The process ends while questions are open.
  {
    weight: 2,
    arbitrary: fc.tuple(origin, health).map(([id, now]): Action => (world) => {
      world.report(id, now)
      world.crash()
    }),
  },
)

function command(world: World, at: number, name: string): void {
  const ids = Object.keys(world.state.ramps)
  const ramp = ids[at % Math.max(1, ids.length)]
  if (ramp === undefined) return
  const told =
    name === 'abort-in-steps'
      ? ({ type: 'abort', how: 'in-steps' } as const)
      : name === 'abort'
        ? ({ type: 'abort', how: 'at-once' } as const)
        : ({ type: name as 'pause' | 'resume' | 'step-back' | 'promote' } as const)
  world.dispatch({ type: 'command', ramp, command: told, ...OPERATOR })
  world.land()
}

// Shares out of bounds, drains without a time or with a longer one than their pool says, states that JSON does not bring back, conditions that change without a generation, and
// the last usable origin of a route taken away by a step of ours throw in `World`.

it('brings everything back in the end, whatever came in between', () => {
  fc.assert(
    fc.property(fc.array(actions, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
      const world = new World(base)
      for (const step of steps) step(world)
      release(world)
      const { conditions, down, landings, confirmations, drains, leaving, log } = world.state
      expect({ conditions, down, landings, confirmations, drains, leaving }).toEqual({
        drains: {},
        leaving: {},
        conditions: { origins: {}, pools: {}, routes: {} },
        down: {},
        landings: {},
        confirmations: {},
      })
      expect(log.published).toBe(log.generation)
    }),
    { numRuns: 150 },
  )
  // A hundred and fifty lives of a deployment: more than the usual limit on a busy machine.
}, 60_000)

/** Nobody wants anything any more, all is well, and there is traffic. */
function release(world: World): void {
  for (const id of Object.keys(world.state.confirmations)) {
    world.dispatch({ type: 'confirm', id, actor: { name: 'ada', from: '' } })
    world.land()
  }
  world.put(base)
  for (const key of Object.keys(world.state.overrides)) world.set(key, 'ready')
  for (const pool of Object.keys(world.state.shedding)) world.shed(pool, null)
  for (const id of origins) {
    world.does(id, { perSecond: 100, failed: 0 })
    world.health(id, 'healthy')
  }
  // What an operator aborted step by step, or paused on its way back, comes to its end and waits to be resumed.
  for (const _ of ['paused', 'aborted']) {
    world.pass(3_600_000)
    for (const id of Object.keys(world.state.ramps)) {
      const resume = { type: 'resume' } as const
      world.dispatch({ type: 'command', ramp: id, command: resume, ...OPERATOR })
      world.land()
    }
  }
  world.pass(4 * 3_600_000)
}
