import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { differ } from '../../../src/state/revision/difference.ts'

it('names each value that was changed, added or removed', () => {
  const before = { pools: { us: { weight: 1, gone: null } }, list: ['a', 'b', 'c'] }
  const after = { pools: { us: { weight: 2 }, eu: { weight: 3 } }, list: ['a', 'x'] }
  expect(differ(before, after)).toEqual({
    changes: [
      { path: '/pools/us/weight', before: 1, after: 2 },
      { path: '/pools/us/gone', before: null },
      { path: '/pools/eu/weight', after: 3 },
      { path: '/list/1', before: 'b', after: 'x' },
      { path: '/list/2', before: 'c' },
    ],
    omitted: 0,
  })
})

it('finds nothing in a document and its copy', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copy: unknown = JSON.parse(JSON.stringify(value))
      expect(differ(JSON.parse(JSON.stringify(value)), copy).changes).toEqual([])
    }),
  )
})

it('finds something in any two documents that differ', () => {
  const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
  fc.assert(
    fc.property(json, json, (left, right) => {
      const same = JSON.stringify(left) === JSON.stringify(right)
      fc.pre(!same && !(typeof left === 'object' && typeof right === 'object'))
      expect(differ(left, right).changes).not.toEqual([])
    }),
  )
})

it('tells an object from a list, and a container that became a value', () => {
  expect(differ({ a: {} }, { a: [] }).changes).toEqual([{ path: '/a', before: {}, after: [] }])
  expect(differ({ a: { b: 1 } }, { a: [1] }).changes).toEqual([
    { path: '/a', before: '{…1}', after: '[…1]' },
  ])
  expect(differ({ a: { b: 1, c: 2 } }, { a: 5 }).changes).toEqual([
    { path: '/a', before: '{…2}', after: 5 },
  ])
  expect(differ(undefined, {}).changes).toEqual([{ path: '', after: {} }])
  expect(differ({ 'a/b~c': 1 }, {}).changes).toEqual([{ path: '/a~1b~0c', before: 1 }])
})

it('is bounded, and says how much it left out', () => {
  const after = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key-${at}`, at]))
  const { changes, omitted } = differ({}, { ...after, long: 'x'.repeat(10_000) })
  expect([changes.length, omitted]).toEqual([200, 301])
  expect(differ('', 'x'.repeat(10_000)).changes).toEqual([
    { path: '', before: '', after: `${'x'.repeat(256)}…` },
  ])
})
