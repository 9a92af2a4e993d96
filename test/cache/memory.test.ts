import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import {
  bytesIn,
  createMemory,
  forget,
  peek,
  recall,
  remember,
  residentsOf,
} from '../../src/cache/memory.ts'
import type { ResidentAnswer } from '../../src/cache/resident.ts'
import type { Queue } from '../../src/cache/slot-queue.ts'
import { storedOf } from '../support/stored.ts'

const BOUNDS = { bytes: 100_000, objectBytes: 20_000 }

function answerOf(bytes: number): ResidentAnswer {
  const body = new ArrayBuffer(bytes)
  return { type: 'answer', head: storedOf(), body, asOf: 0, hits: 0 }
}

/** How many stand in line. */
function lengthOf({ first }: Queue): number {
  let length = 0
  for (let slot = first; slot !== undefined; slot = slot.after) length += 1
  return length
}

describe('the memory of an isolate', () => {
  test('never holds more bytes than it may, and counts right, whatever is done with it', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 30 }).map(String),
      bytes: fc.integer({ min: 0, max: 25_000 }),
      does: fc.constantFrom('remember', 'remember', 'recall', 'forget'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const memory = createMemory(BOUNDS)
        for (const { key, bytes, does } of steps) {
          if (does === 'remember') remember(memory, key, answerOf(bytes))
          else if (does === 'recall') recall(memory, key)
          else forget(memory, key)
          const held = [...residentsOf(memory)].reduce((sum, [, , each]) => sum + each, 0)
          expect(bytesIn(memory)).toBe(held)
          expect(held).toBeLessThanOrEqual(BOUNDS.bytes)
          expect(lengthOf(memory.small) + lengthOf(memory.main)).toBe(memory.slots.size)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('keeps nothing that is larger than one may be', () => {
    const memory = createMemory(BOUNDS)
    expect([
      remember(memory, 'large', answerOf(20_001)),
      remember(memory, 'fits', answerOf(20_000)),
    ]).toEqual([false, true])
    expect([peek(memory, 'large'), peek(memory, 'fits')?.type]).toEqual([undefined, 'answer'])
  })

  test('holds one answer of a key, the newest', () => {
    const memory = createMemory(BOUNDS)
    for (let at = 0; at < 1000; at += 1) remember(memory, 'hot', answerOf(10_000))
    expect([memory.slots.size, memory.evictions]).toEqual([1, 0])
    expect(bytesIn(memory)).toBeLessThan(12_000)
  })

  test('lets what came once go before what was asked for again', () => {
    const memory = createMemory(BOUNDS)
    remember(memory, 'wanted', answerOf(1000))
    recall(memory, 'wanted')
    for (let at = 0; at < 500; at += 1) remember(memory, `once-${at}`, answerOf(1000))
    expect(peek(memory, 'wanted')?.type).toBe('answer')
    expect(peek(memory, 'once-0')).toBeUndefined()
  })

  test('takes who comes back soon for somebody who stays', () => {
    const memory = createMemory(BOUNDS)
    remember(memory, 'back', answerOf(1000))
    let filled = 0
    const fill = (count: number) => {
      for (let at = 0; at < count; at += 1)
        remember(memory, `other-${(filled += 1)}`, answerOf(1000))
    }
    while (peek(memory, 'back') !== undefined) fill(1)
    remember(memory, 'back', answerOf(1000))
    fill(200)
    expect(peek(memory, 'back')?.type).toBe('answer')
  })

  test('spares once for each time that it was asked for, also who is renewed', () => {
    const memory = createMemory(BOUNDS)
    let filled = 0
    // Each of these is asked for while it waits, and so comes to where the others are.
    const fill = (count: number) => {
      for (let at = 0; at < count; at += 1) {
        const key = `other-${(filled += 1)}`
        remember(memory, key, answerOf(1000))
        recall(memory, key)
      }
    }
    fill(70)
    remember(memory, 'often', answerOf(1000))
    recall(memory, 'often')
    fill(10)
    for (let at = 0; at < 3; at += 1) recall(memory, 'often')
    remember(memory, 'often', answerOf(1000))
    fill(140)
    expect(peek(memory, 'often')?.type).toBe('answer')
    fill(200)
    expect(peek(memory, 'often')).toBeUndefined()
  })

  test('remembers not more ghosts than entries', () => {
    const memory = createMemory(BOUNDS)
    for (let at = 0; at < 5000; at += 1) remember(memory, `short-${at}`, answerOf(1000))
    expect(memory.ghosts.size).toBeLessThanOrEqual(Math.max(64, memory.slots.size))
  })
})
