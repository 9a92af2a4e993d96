import { describe, expect, it } from 'vitest'
import { PUBLICATION } from '../../../src/state/revision/publication.ts'
import { REVISIONS_KEPT, revisionLog } from '../../../src/state/revision/revision.ts'
import { World } from './world.ts'

describe('a change', () => {
  it('becomes the next revision and the next generation', () => {
    const world = new World()
    expect(world.put('a')).toEqual({ outcome: 'accepted', revision: 1, generation: 1 })
    expect(world.put('b')).toEqual({ outcome: 'accepted', revision: 2, generation: 2 })
  })

  it('that is already in force changes nothing, even when its first answer was lost', () => {
    const world = new World()
    world.put('a')
    world.put('b', [1])
    expect(world.put('b', [1])).toEqual({ outcome: 'unchanged', revision: 2, generation: 2 })
    expect([...world.rows.keys()]).toEqual([1, 2])
  })

  it('is refused when the current revision is not the expected one', () => {
    const world = new World()
    world.put('a')
    world.put('b')
    expect(world.put('c', [1])).toEqual({ outcome: 'mismatch', revision: 2, generation: 2 })
    expect(world.put('c', [])).toMatchObject({ outcome: 'mismatch' })
    expect(world.put('c', [1, 2])).toMatchObject({ outcome: 'accepted' })
  })

  it('can ask for there to be a revision, or none', () => {
    const world = new World()
    expect(world.put('a', 'some')).toMatchObject({ outcome: 'mismatch' })
    expect(world.put('a', 'none')).toMatchObject({ outcome: 'accepted' })
    expect(world.put('b', 'none')).toMatchObject({ outcome: 'mismatch' })
    expect(world.put('b', 'some')).toMatchObject({ outcome: 'accepted' })
  })

  it('leaves the newest revisions and deletes the rest', () => {
    const world = new World()
    for (let at = 0; at < REVISIONS_KEPT + 5; at += 1) world.put(`text ${at}`)
    expect(world.rows.size).toBe(REVISIONS_KEPT)
    expect(Math.min(...world.rows.keys())).toBe(6)
    expect(world.rollback(5)).toMatchObject({ outcome: 'not-kept' })
    expect(world.rollback(6)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a rollback', () => {
  it('is a new revision that repeats an old one', () => {
    const world = new World()
    world.put('a')
    world.put('b')
    expect(world.rollback(1)).toEqual({ outcome: 'accepted', revision: 3, generation: 3 })
    expect(world.rows.get(3)).toBe('a')
  })

  it('to what already holds changes nothing', () => {
    const world = new World()
    world.put('a')
    expect(world.rollback(1)).toMatchObject({ outcome: 'unchanged', revision: 1 })
  })

  it('to a revision that never was is refused', () => {
    const world = new World()
    expect(world.rollback(1)).toMatchObject({ outcome: 'not-kept' })
  })
})

describe('publication', () => {
  it('is attempted once at a time, and ends with the newest', () => {
    const world = new World()
    world.put('a')
    world.put('b')
    world.put('c')
    expect(world.flights).toHaveLength(1)
    world.land('published')
    expect(world.flights).toEqual([])
    world.pass(PUBLICATION.spacingMs)
    expect(world.flights).toEqual([{ generation: 3, revision: 3, text: 'c' }])
    world.land('published')
    expect(world.writes.map(({ generation }) => generation)).toEqual([1, 3])
    expect(revisionLog.wakeAtMs(world.state)).toBeUndefined()
  })

  it('that fails is tried again, with pauses that grow up to a limit', () => {
    const world = new World()
    world.put('a')
    const pauses: number[] = []
    for (let at = 0; at < 9; at += 1) {
      world.land('failed')
      const wakeAtMs = revisionLog.wakeAtMs(world.state) ?? 0
      pauses.push(wakeAtMs - world.nowMs)
      world.pass(wakeAtMs - world.nowMs)
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
    world.land('published')
    expect(world.state).toMatchObject({ published: 1, failures: 0 })
  })

  it('does not start before its pause is over', () => {
    const world = new World()
    world.put('a')
    world.land('failed')
    world.dispatch({ type: 'wake' })
    expect(world.flights).toEqual([])
  })

  it('of a new revision waits for no pause of the one before', () => {
    const world = new World()
    world.put('a')
    world.land('failed')
    world.put('b')
    expect(world.flights).toHaveLength(1)
  })

  it('that says nothing for too long counts as lost', () => {
    const world = new World()
    world.put('a')
    world.pass(PUBLICATION.leaseMs - 1)
    expect(world.flights).toHaveLength(1)
    world.pass(1)
    expect(world.flights).toHaveLength(2)
  })

  it('goes on at once when the clock has jumped back by hours', () => {
    const world = new World()
    world.put('a')
    world.land('failed')
    world.nowMs -= 7_200_000
    world.watch()
    expect(world.flights).toHaveLength(1)
    world.put('b')
    expect(world.state.generatedAtMs).toBe(1_000_000)
  })

  it('is taken up by a new process without waiting for the lease of the old one', () => {
    const world = new World()
    world.put('a')
    world.crash(0)
    expect(world.flights).toEqual([{ generation: 1, revision: 1, text: 'a' }])
  })

  it('follows when a release reads the same revision in another way', () => {
    const world = new World()
    world.put('a')
    world.settle()
    world.dispatch({ type: 'start', form: 'another form' })
    world.settle()
    expect(world.standing).toEqual({ generation: 2, revision: 1, text: 'a' })
  })

  it('does not follow when a release can no longer read the revision', () => {
    const world = new World()
    world.put('a')
    world.settle()
    world.dispatch({ type: 'start' })
    expect(world.flights).toEqual([])
    expect(revisionLog.wakeAtMs(world.state)).toBeUndefined()
  })
})

describe('the watchdog', () => {
  it('publishes again, under a new generation, what the store has lost', () => {
    const world = new World()
    world.put('a')
    world.settle()
    world.pass(PUBLICATION.settleMs)
    world.watch({ generation: 0, revision: 0, text: '' })
    world.settle()
    expect(world.standing).toEqual({ generation: 2, revision: 1, text: 'a' })
  })

  it('believes a publication of a moment ago more than a read that may lag behind', () => {
    const world = new World()
    world.put('a')
    world.settle()
    world.watch({ generation: 0, revision: 0, text: '' })
    expect(world.flights).toEqual([])
  })

  it('leaves alone what stands as it should', () => {
    const world = new World()
    world.put('a')
    world.settle()
    const before = world.state
    world.pass(PUBLICATION.settleMs * 10)
    world.watch()
    expect(world.state).toBe(before)
  })
})

describe('a log that lost its storage', () => {
  it('goes on behind the numbers that the store has seen', () => {
    const world = new World()
    world.dispatch({ type: 'start', standing: { revision: 41, generation: 97 } })
    expect(world.put('a', [41])).toMatchObject({ outcome: 'mismatch', revision: 0 })
    expect(world.rollback(41)).toMatchObject({ outcome: 'not-kept' })
    expect(world.put('a')).toEqual({ outcome: 'accepted', revision: 42, generation: 98 })
  })

  it('overtakes a store that turns out to be ahead', () => {
    const world = new World()
    world.put('a')
    world.settle()
    world.watch({ generation: 50, revision: 9, text: 'of another life' })
    world.settle()
    expect(world.standing).toEqual({ generation: 51, revision: 1, text: 'a' })
    expect(world.put('b')).toMatchObject({ revision: 10, generation: 52 })
  })
})
