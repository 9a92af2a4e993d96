import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { PUBLICATION } from '../../../src/state/revision/publication.ts'
import { type Published, World } from './world.ts'

type Action = (world: World) => void

const text = fc.constantFrom('a', 'b', 'c', 'd')
const outcome = fc.constantFrom('published', 'failed', 'lost-answer')

/** Everything that can happen where clocks go forward and the store takes nothing that was given up. */
const ordinary: fc.Arbitrary<Action> = fc.oneof(
  text.map(
    (put): Action =>
      (world) =>
        void world.put(put),
  ),
  fc.tuple(text, fc.nat(2)).map(
    ([put, back]): Action =>
      (world) =>
        void world.put(put, [world.state.current - back]),
  ),
  fc.nat(8).map(
    (back): Action =>
      (world) =>
        void world.rollback(world.state.current - back),
  ),
  outcome.map(
    (end): Action =>
      (world) =>
        world.land(end),
  ),
  fc.nat(2).map(
    (landed): Action =>
      (world) =>
        world.crash(landed),
  ),
  fc.nat(20_000).map(
    (ms): Action =>
      (world) =>
        world.pass(ms),
  ),
  fc.constant<Action>((world) => world.watch()),
)

const extraordinary: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: ordinary },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.integer({ min: -7_200_000, max: 86_400_000 }).map(
        (ms): Action =>
          (world) =>
            world.pass(ms),
      ),
      fc.constant<Action>((world) => world.landStray()),
      fc.nat(5).map(
        (back): Action =>
          (world) =>
            world.watch(world.writes.at(-1 - back)),
      ),
    ),
  },
)

function play(actions: readonly Action[]): World {
  const world = new World()
  for (const action of actions) action(world)
  world.settle()
  return world
}

/** What the store should hold in the end. */
function wanted({ state, rows }: World): Published | undefined {
  const { current: revision, generation } = state
  return revision === 0 ? undefined : { generation, revision, text: rows.get(revision) ?? '' }
}

// A number given out twice, a generation that falls, and one generation with two documents throw in `World`.

it('ends with the current revision published, whatever came in between', () => {
  fc.assert(
    fc.property(fc.array(ordinary, { maxLength: 60 }), (actions) => {
      const world = play(actions)
      expect(world.standing).toEqual(wanted(world))
      const generations = world.writes.map((write) => write.generation)
      expect(generations).toEqual(generations.toSorted((left, right) => left - right))
    }),
    { numRuns: 2000 },
  )
})

it('is mended by the watchdog where clocks jump and the store takes what was given up', () => {
  fc.assert(
    fc.property(fc.array(extraordinary, { maxLength: 60 }), (actions) => {
      const world = play(actions)
      while (world.strays.length > 0) world.landStray()
      world.pass(PUBLICATION.settleMs)
      world.watch()
      world.settle()
      expect(world.standing).toEqual(wanted(world))
    }),
    { numRuns: 2000 },
  )
})
