import { expect, it } from 'vitest'
import { OTHER_TAGS } from '../../../src/core/purge.ts'
import { isTagField, tagsOf } from '../../../src/cache/policy/tags.ts'

it('tags are read as the two networks write them, each once and without case', () => {
  const fields = [
    ['cache-tag', 'Shop, product-1 ,,shop'],
    ['surrogate-key', 'product-1  list,a'],
    ['cache-tag', 'b'],
    ['x-tag', 'no'],
  ] as const
  expect(tagsOf(fields)).toEqual(['shop', 'product-1', OTHER_TAGS, 'b'])
})

it('what nobody could purge by, and what is too much, counts as any tag', () => {
  expect(tagsOf([['cache-tag', `${'a'.repeat(257)},ok,sch\u00f6n`]])).toEqual([OTHER_TAGS, 'ok'])
  const many = Array.from({ length: 300 }, (_, at) => `t${at}`).join(' ')
  expect(tagsOf([['surrogate-key', many]])).toHaveLength(129)
})

it('fields of tags are not for clients', () => {
  expect(['cache-tag', 'surrogate-key', 'constructor', 'etag'].map(isTagField)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
