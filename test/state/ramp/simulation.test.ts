import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RampEvent } from '../../../src/state/ramp/state.ts'
import { isRampOver } from '../../../src/state/ramp/state.ts'
import { type Authored, World } from './world.ts'

type Action = (world: World) => void

const HOUR = 3_600_000

const authored: fc.Arbitrary<Authored> = fc.record({
  use: fc.constantFrom('recovery', 'shift', 'drain'),
  ramp: fc.record({
    steps: fc.constantFrom([10, 25, 50, 75, 100], [100], [1, 100], [33, 66, 100]),
    dwell: fc.constantFrom('1s', '30s', '5m'),
    longestWait: fc.constantFrom('1s', '10m', '1h'),
    gate: fc.record({ minSamples: fc.constantFrom(0, 1, 100) }),
  }),
  holdDown: fc.constantFrom({}, { base: '0ms' }, { base: '2m', max: '10m' }),
  failback: fc.constantFrom<Authored['failback'][]>(
    {},
    { delay: '2m' },
    { mode: 'manual' },
    { mode: 'window', windows: [{ days: ['mon', 'thu'], from: '22:30', to: '04:00' }] },
  ),
})

const event = fc.constantFrom<RampEvent[]>(
  { type: 'breach', why: 'connection refused' },
  { type: 'well' },
  { type: 'well' },
  { type: 'unmeasured', why: 'no answer' },
  { type: 'pause' },
  { type: 'resume' },
  { type: 'step-back' },
  { type: 'promote' },
  { type: 'abort', how: 'in-steps' },
  { type: 'abort', how: 'at-once' },
  { type: 'wake' },
)

const happening: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0.01, 0.3, 1.1, 5).map((times) => passing(times)) },
  {
    weight: 2,
    arbitrary: event.map(
      (each): Action =>
        (world) =>
          world.dispatch(each),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        perSecond: fc.constantFrom(0, 0.1, 10),
        failed: fc.constantFrom(0, 0.001, 0.05, 0.5),
      })
      .map(
        (traffic): Action =>
          (world) =>
            world.turn(traffic),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map(
      (back): Action =>
        (world) =>
          world.repeat(back),
    ),
  },
)

const jump: fc.Arbitrary<Action> = fc.integer({ min: -48 * HOUR, max: 400 * HOUR }).map(
  (ms): Action =>
    (world) =>
      world.jump(ms),
)

function passing(times: number): Action {
  return (world) => world.pass(times)
}

/** From here on all is well, and an operator helps where only an operator can. */
function finish(world: World, disturb: (round: number) => number): void {
  world.turn({ perSecond: 10_000, failed: 0 })
  world.dispatch({ type: 'well' })
  world.dispatch({ type: 'resume' })
  for (let round = 0; round < 400 && !isRampOver(world.state); round += 1) {
    world.dispatch({ type: 'well' })
    if (world.state.phase === 'paused' || world.state.phase === 'aborted') {
      world.dispatch({ type: 'resume' })
    }
    if (world.state.phase === 'waiting') world.dispatch({ type: 'promote' })
    world.pass(1)
    const ms = disturb(round)
    if (ms !== 0) world.jump(ms)
  }
}

// What must hold at every step (percents of steps only, no step without its dwell and its gate, the same future after
// a trip through JSON, nothing by a late measurement) throws in `World`.

it('comes to its end once all is well, whatever happened before', () => {
  fc.assert(
    fc.property(authored, fc.array(happening, { maxLength: 25 }), (settings, happenings) => {
      const world = new World(settings)
      for (const happen of happenings) happen(world)
      finish(world, () => 0)
      expect(isRampOver(world.state)).toBe(true)
      expect(world.state.percent).toBe(world.state.phase === 'done' ? 100 : 0)
    }),
    { numRuns: 300 },
  )
})

it('neither skips a dwell nor waits for ever when clocks jump', () => {
  fc.assert(
    fc.property(
      authored,
      fc.array(fc.oneof({ weight: 3, arbitrary: happening }, { weight: 1, arbitrary: jump }), {
        maxLength: 25,
      }),
      fc.integer({ min: -5 * HOUR, max: 5 * HOUR }),
      (settings, happenings, ms) => {
        const world = new World(settings)
        for (const happen of happenings) happen(world)
        finish(world, (round) => (round % 3 === 0 ? ms : 0))
        expect(isRampOver(world.state)).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})
