import { describe, expect, it } from 'vitest'
import { invalidatedReferences, isUnsafe } from '../../../src/cache/policy/invalidation.ts'
import { toFields } from './exchange.ts'

const answer = (status: number, headers = {}) => ({ status, fields: toFields(headers) })
const PLACES = { location: '/new', 'content-location': '/of' }

describe('an unsafe method', () => {
  it('is every one that is not known to be safe', () => {
    expect(['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE', 'get', 'NEW'].every(isUnsafe)).toBe(true)
    expect(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND'].some(isUnsafe)).toBe(false)
  })

  it('with an answer that is no error makes its URI void, and those that the answer names', () => {
    expect(invalidatedReferences('POST', answer(200))).toEqual([])
    expect(invalidatedReferences('PUT', answer(201, PLACES))).toEqual(['/new', '/of'])
    expect(invalidatedReferences('NEW', answer(303, PLACES))).toEqual(['/new', '/of'])
  })

  it('with an error makes nothing void', () => {
    for (const status of [100, 400, 404, 500, 503]) {
      expect(invalidatedReferences('POST', answer(status, PLACES))).toBeUndefined()
    }
  })
})

describe('a safe method', () => {
  it('makes nothing void, whatever its answer names', () => {
    expect(invalidatedReferences('GET', answer(200, PLACES))).toBeUndefined()
    expect(invalidatedReferences('HEAD', answer(301, PLACES))).toBeUndefined()
  })
})
