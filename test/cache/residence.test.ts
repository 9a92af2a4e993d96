import { expect, test } from 'vitest'
import { bytesIn, createMemory, forget, peek } from '../../src/cache/memory.ts'
import type { CacheRequest } from '../../src/cache/policy/message.ts'
import { keepResident, knowVariants, placeFor, residentFor } from '../../src/cache/residence.ts'
import { NOW_MS, storedOf } from '../support/stored.ts'

const asking = (headers: Readonly<Record<string, string>>): CacheRequest => ({
  method: 'GET',
  header: (name) => headers[name],
})

const german = asking({ 'accept-language': 'de' })
const french = asking({ 'accept-language': 'fr' })

function memoryWith(
  request: CacheRequest,
  vary: readonly string[],
  memory = createMemory({ bytes: 10_000_000, objectBytes: 1000 }),
) {
  const place = placeFor(memory, { key: 'page', request, vary })
  keepResident(memory, place, {
    head: storedOf({ key: place.key, vary }),
    body: new ArrayBuffer(10),
  })
  return memory
}

test('an answer that does not vary is for all', () => {
  const memory = memoryWith(german, [])
  expect(residentFor(memory, 'page', french)?.head.key).toBe('page')
})

test('an answer that varies is for those who ask alike', () => {
  const memory = memoryWith(german, ['accept-language'])
  expect(residentFor(memory, 'page', german)?.type).toBe('answer')
  expect(residentFor(memory, 'page', french)).toBeUndefined()
  memoryWith(french, ['accept-language'], memory)
  expect(residentFor(memory, 'page', german)?.type).toBe('answer')
  expect(residentFor(memory, 'page', french)?.type).toBe('answer')
})

test('an origin that varies by other headers each time makes no growing list of them', () => {
  const memory = memoryWith(german, ['accept-language'])
  const place = (at: number) =>
    placeFor(memory, { key: 'page', request: german, vary: [`x-${at}`] }).variants?.vary.length ?? 0
  const lengths = Array.from({ length: 100 }, (_, at) => place(at))
  expect(Math.max(...lengths)).toBe(32)
  expect(lengths[0]).toBe(2)
})

test('answers of one key that vary by different headers are told apart by all of them', () => {
  const memory = memoryWith(asking({ 'accept-language': 'de', dnt: '1' }), ['accept-language'])
  memoryWith(asking({ 'accept-language': 'fr', dnt: '1' }), ['dnt'], memory)
  const marker = peek(memory, 'page')
  expect(marker?.type === 'variants' && marker.head.vary).toEqual(['accept-language', 'dnt'])
  expect(residentFor(memory, 'page', asking({ 'accept-language': 'de', dnt: '1' }))).toBeUndefined()
  expect(residentFor(memory, 'page', asking({ 'accept-language': 'fr', dnt: '1' }))?.type).toBe(
    'answer',
  )
})

test('of the variants of a key the newest thirty-two are kept', () => {
  const memory = memoryWith(german, ['accept-language'])
  for (let at = 0; at < 32; at += 1) {
    memoryWith(asking({ 'accept-language': `x-${at}` }), ['accept-language'], memory)
  }
  expect(memory.slots.size).toBe(33)
  expect(residentFor(memory, 'page', german)).toBeUndefined()
  expect(residentFor(memory, 'page', asking({ 'accept-language': 'x-0' }))?.type).toBe('answer')
})

test('what the names of variants take counts, also of those that memory has no more', () => {
  const memory = createMemory({ bytes: 10_000_000, objectBytes: 1000 })
  for (let at = 0; at < 32; at += 1) {
    memoryWith(asking({ 'user-agent': `${at}`.padEnd(5000, 'x') }), ['user-agent'], memory)
  }
  for (const key of memory.slots.keys()) if (key !== 'page') forget(memory, key)
  expect(memory.slots.size).toBe(1)
  expect(bytesIn(memory)).toBeGreaterThan(32 * 5000)
})

test('variants from before a change are void', () => {
  const memory = memoryWith(german, ['accept-language'])
  const marker = peek(memory, 'page')
  if (marker?.type !== 'variants') throw new Error('no variants')
  // What was asked for before it is void, also where it came after it.
  knowVariants(memory, { ...marker.head, sinceMs: NOW_MS - 10 })
  expect(residentFor(memory, 'page', german)).toBeUndefined()
  memoryWith(asking({ dnt: '1' }), ['dnt'], memory)
  const news = peek(memory, 'page')
  expect(news?.type === 'variants' && news.head.sinceMs).toBe(NOW_MS - 10)
})
