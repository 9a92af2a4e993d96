import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { PROPERTY_SEED } from '../support/property-seed.ts'
import { ask } from './ask.ts'

const EXPLAINED = [200, 400, 404, 422]

/** A valid document with one piece of its text replaced: most of what people get wrong. */
const damaged = fc
  .tuple(
    fc.nat(200),
    fc.nat(30),
    fc.oneof(fc.string(), fc.constantFrom('{', '"', '[', '//', '/*', '\\u')),
  )
  .map(([at, length, text]) => {
    const valid = `{"pools":{"us":{"origins":{"us-1":{"url":"https://us-1.example.com","weight":2}}}},
      // everything
      "routes":{"all":{"steer":{"policy":"weighted","weights":{"us":70}},"match":{"path":"/api/*"}}}}`
    return valid.slice(0, at) + text + valid.slice(at + length)
  })

const bodies = fc.oneof(
  damaged,
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json({ maxDepth: 6 }),
  fc.uint8Array({ maxLength: 200 }),
)

it('tells what is wrong with whatever is sent, as problem+json', async () => {
  await fc.assert(
    fc.asyncProperty(
      bodies,
      fc.constantFrom(['PUT', '/v1/config?dryRun=true'], ['POST', '/v1/explain']),
      async (body, [method = '', path = '']) => {
        const told = await ask(path, { method, body })
        expect(EXPLAINED).toContain(told.status)
        const type = told.status === 200 ? 'application/json' : 'application/problem+json'
        expect(told.headers.get('content-type')).toBe(type)
      },
    ),
    { numRuns: 400, seed: PROPERTY_SEED },
  )
})

it('finds its way through whatever path, query and condition is sent', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map(encodeURIComponent)
  const path = fc.oneof(
    text.map((name) => `/v1/${name}`),
    text.map((name) => `/v1/revisions/${name}`),
    text.map((query) => `/v1/revisions?${query}`),
    text.map((tag) => `/v1/config?author=${tag}`),
  )
  const condition = fc.string({
    unit: fc.constantFrom('"', 'W', '/', '*', ',', ' ', '1', 'a', '\\'),
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(path, condition, async (where, tag) => {
      const headers = { 'if-none-match': tag, 'if-match': tag }
      expect(EXPLAINED).toContain((await ask(where, { headers })).status)
    }),
    { numRuns: 200, seed: PROPERTY_SEED },
  )
})
