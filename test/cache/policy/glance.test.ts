import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { whyNotAtGlance } from '../../../src/cache/policy/glance.ts'
import { judgeStorage } from '../../../src/cache/policy/storage.ts'
import { exchanges, settings } from './anything.ts'
import { exchangeOf, rulesOf, type Told } from './exchange.ts'

type Seen = ReturnType<typeof exchangeOf>

function headerOf({ response }: Seen, name: string): string | undefined {
  const lines = response.fields.filter(([each]) => each === name).map(([, value]) => value)
  return lines.length === 0 ? undefined : lines.join(', ')
}

function glance(told: Told, written: unknown = {}): string | undefined {
  const exchange = exchangeOf(told)
  const { status } = exchange.response
  return whyNotAtGlance({ status, header: (name) => headerOf(exchange, name) }, rulesOf(written))
}

describe('a glance at an answer', () => {
  it('sees what is not to be stored, and what nobody gave a lifetime', () => {
    expect(glance({ headers: { 'cache-control': 'max-age=5, No-Store' } })).toBe('no-store')
    expect(glance({ headers: { 'cache-control': 'private' } })).toBe('private')
    expect(glance({})).toBe('no-lifetime')
    const override = { mode: 'override', ttl: { statuses: { '301': '1m' } } }
    expect(glance({ headers: { expires: '0' } }, override)).toBe('no-lifetime')
  })

  it('leaves the rest to the judgement', () => {
    const headers = { 'cache-control': 'no-store' }
    expect(glance({ headers: { ...headers, 'cdn-cache-control': 'max-age=5' } })).toBeUndefined()
    expect(glance({ headers: { 'cache-control': 'no-store, must-understand' } })).toBeUndefined()
    expect(glance({ headers: { 'cache-control': 'private="x"' } })).toBeUndefined()
    expect(glance({ headers: { 'cache-control': 'max-age=0' } })).toBeUndefined()
    expect(glance({ headers: { expires: '0' } })).toBeUndefined()
    expect(glance({}, { ttl: { default: '1m' } })).toBeUndefined()
    expect(glance({}, { ttl: { heuristic: {} } })).toBeUndefined()
    for (const status of [206, 304, 400, 404, 412, 429, 503])
      expect(glance({ status, headers })).toBeUndefined()
  })

  it('never sees what would be stored', () => {
    const law = fc.property(exchanges, settings, (exchange, rules) => {
      const { status } = exchange.response
      const seen = { status, header: (name: string) => headerOf(exchange, name) }
      return whyNotAtGlance(seen, rules) === undefined || !judgeStorage(exchange, rules).store
    })
    expect(() => fc.assert(law, { numRuns: 500 })).not.toThrow()
  })
})
