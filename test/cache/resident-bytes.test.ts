import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createMemory } from '../../src/cache/memory.ts'
import type { Stored } from '../../src/cache/policy/stored.ts'
import { keepResident } from '../../src/cache/residence.ts'
import { residentBytesOf } from '../../src/cache/resident-bytes.ts'
import { storedOf } from '../support/stored.ts'

const KEY = 'shop\nhttp://shop.test/page'

const bytesOf = (difference: Partial<Stored>, body: ArrayBuffer | null = null): number =>
  residentBytesOf(KEY, {
    type: 'answer',
    head: storedOf({ key: KEY, ...difference }),
    body,
    asOf: 0,
    hits: 0,
  })

test('what is kept counts: bodies, fields, tags, what it varies by, and texts in the width that they take', () => {
  const bare = bytesOf({})
  const text = 'x'.repeat(1000)
  const tags = Array.from({ length: 50 }, (_, at) => `product-0123456789-${at}`)
  expect([
    bytesOf({}, new ArrayBuffer(3000)) - bare >= 3000,
    bytesOf({ fields: [['content-type', 'text/html'] as const, ['x-text', text] as const] }) - bare,
    bytesOf({ fields: [['content-type', `${text}☃`]] }) -
      bytesOf({ fields: [['content-type', text]] }),
    bytesOf({ tags }) - bare >= 50 * 40,
    bytesOf({ vary: ['accept-language'] }) > bare,
  ]).toEqual([true, 1062, 1002, true, true])
})

test('no answer in memory holds the URL of its request, of which the key leaves things out', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const memory = createMemory({ bytes: 64_000_000, objectBytes: 1000 })
  const keepMany = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      // Made of bytes, as a runtime does: one text, and no parts of it.
      const url = Buffer.from(`/a-page-of-a-shop/${at}?${'x'.repeat(20_000)}`).toString('latin1')
      const path = url.slice(0, url.indexOf('?'))
      const key = `shop\nhttp://shop.test${path}`
      const head = storedOf({ key, path })
      keepResident(memory, { key, variants: undefined }, { head, body: null })
    }
  }
  collect()
  const before = process.memoryUsage().heapUsed
  keepMany(1000)
  collect()
  expect(memory.slots.size).toBe(1000)
  // The URLs alone are 20 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
})
