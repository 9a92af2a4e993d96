import * as fc from 'fast-check'
import { parseList, Token } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { forwardStatus, hitStatus, toCacheName } from '../../../src/cache/policy/cache-status.ts'

const plain = (value: unknown) => (value instanceof Token ? value.toString() : value)
const read = (text: string) =>
  parseList(text).map(([name, parameters]) => [
    plain(name),
    Object.fromEntries([...parameters].map(([key, value]) => [key, plain(value)])),
  ])

describe('Cache-Status', () => {
  it('of a hit tells the rest of its freshness, negative where it is stale, and by which right it is used', () => {
    expect(read(hitStatus('portolan', 59))).toEqual([['portolan', { hit: true, ttl: 59 }]])
    expect(read(hitStatus('portolan', -5, 'while-revalidate'))).toEqual([
      ['portolan', { hit: true, ttl: -5, detail: 'while-revalidate' }],
    ])
  })

  it('of a request that went forward tells why, and what became of it', () => {
    expect(read(forwardStatus('portolan', { fwd: 'uri-miss' }))).toEqual([
      ['portolan', { fwd: 'uri-miss' }],
    ])
    const all = {
      fwd: 'stale',
      status: 304,
      isStored: true,
      isCollapsed: true,
      detail: 'set-cookie',
    } as const
    expect(read(forwardStatus('portolan', all))).toEqual([
      [
        'portolan',
        { fwd: 'stale', 'fwd-status': 304, stored: true, collapsed: true, detail: 'set-cookie' },
      ],
    ])
    const none = { fwd: 'bypass', status: undefined, isStored: false, isCollapsed: false } as const
    expect(forwardStatus('portolan', none)).toBe('portolan; fwd=bypass')
  })

  it('never says both "hit" and "fwd"', () => {
    expect(hitStatus('portolan', 1, 'max-stale')).not.toContain('fwd')
    expect(forwardStatus('portolan', { fwd: 'uri-miss' })).not.toContain('hit')
  })

  it('names the cache by a token or a string, whatever its name is', () => {
    expect(toCacheName('portolan-eu')).toBe('portolan-eu')
    expect(toCacheName('Portolan EU')).toBe('"Portolan EU"')
    expect(toCacheName('2nd "cache"\\')).toBe(String.raw`"2nd \"cache\"\\"`)
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const ascii = name.replaceAll(/[^\x20-\x7e]/g, '')
        expect(read(hitStatus(toCacheName(name), 1))).toEqual([[ascii, { hit: true, ttl: 1 }]])
      }),
    )
  })
})
