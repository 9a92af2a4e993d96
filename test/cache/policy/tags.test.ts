import { expect, it } from 'vitest'
import { isTagField, tagsOf } from '../../../src/cache/policy/tags.ts'

it('tags are read as the two networks write them, each once and without case', () => {
  const fields = [
    ['cache-tag', 'Shop, product-1 ,,shop'],
    ['surrogate-key', 'product-1  list,a'],
    ['cache-tag', 'b'],
    ['x-tag', 'no'],
  ] as const
  expect(tagsOf(fields)).toEqual(['shop', 'product-1', 'b'])
})

it('what is no tag is left out, and of too many the rest', () => {
  expect(tagsOf([['cache-tag', `${'a'.repeat(257)},ok,sch\u00f6n`]])).toEqual(['ok'])
  const many = Array.from({ length: 300 }, (_, at) => `t${at}`).join(' ')
  expect(tagsOf([['surrogate-key', many]])).toHaveLength(128)
})

it('fields of tags are not for clients', () => {
  expect(['cache-tag', 'surrogate-key', 'constructor', 'etag'].map(isTagField)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
