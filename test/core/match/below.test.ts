import { expect, it } from 'vitest'
import { belowPrefix } from '../../../src/core/match/below.ts'

it.each([
  ['/a/*', '/a', ''],
  ['/a/*', '/a/', '/'],
  ['/a/*', '/a/b/c', '/b/c'],
  ['/a/*', '//%61//b', '//b'],
  ['/a/b/*', '/a/b/c/', '/c/'],
  ['/users/{id}/*', '/users/17/posts', '/posts'],
  ['/*', '/a/b', '/a/b'],
  ['/*', '/', '/'],
])('below %s, %s leaves %j', (pattern, path, below) => {
  expect(belowPrefix(pattern, path)).toBe(below)
})
