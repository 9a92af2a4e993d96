import * as fc from 'fast-check'
import type { Moment } from '../../../src/cache/policy/reuse.ts'
import { exchangeOf, NOON, rulesOf } from './exchange.ts'

// Exchanges, settings and moments of every kind, likely ones and garbage.

const DIRECTIVES = (
  'private no-store no-cache public must-revalidate proxy-revalidate immutable must-understand max-age=60 s-maxage=60 ' +
  'max-age=99999999999 max-age= private="x" no-cache="x,y" " , stale-while-revalidate=60 stale-if-error=99999999 ' +
  'max-stale min-fresh=5 only-if-cached max-age=600 max-age=60 max-age=60'
).split(' ')
const control = fc
  .array(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...DIRECTIVES) }, fc.string({ maxLength: 8 })),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(', '))
const garbage = fc.string({ unit: 'binary-ascii', maxLength: 20 })
const date = fc.oneof(
  fc
    .integer({ min: -4000, max: 4000 })
    .map((seconds) => new Date(NOON + seconds * 1000).toUTCString()),
  garbage,
)
/** A few of these headers: with many of them hardly anything is ever stored. */
const some = <Value>(values: Readonly<Record<string, fc.Arbitrary<Value>>>) =>
  fc
    .subarray(Object.entries(values), { maxLength: 3 })
    .chain((entries) => fc.record<Record<string, Value>>(Object.fromEntries(entries)))

const answers = some<string | string[]>({
  'cache-control': fc.array(control, { minLength: 1, maxLength: 2 }),
  'cdn-cache-control': control,
  date,
  expires: date,
  age: fc.oneof(fc.nat().map(String), garbage),
  'last-modified': date,
  etag: fc.constantFrom('"a"', 'W/"a"', 'a'),
  vary: fc.constantFrom('*', 'accept', 'accept-encoding, x', ',', 'a b'),
  'set-cookie': garbage,
  'content-range': garbage,
  x: garbage,
})
/** Headers of a request. */
export const requests = some({
  'cache-control': control,
  pragma: fc.constantFrom('no-cache', 'x'),
  authorization: garbage,
  cookie: fc.constantFrom('', 'a=1', 'b=2; a=1', '='),
  range: fc.oneof(garbage, fc.constantFrom('bytes=0-5', 'bytes=-5', 'bytes=5-', 'bytes=2000-')),
  'if-none-match': fc.oneof(garbage, fc.constantFrom('"a"', '*', 'W/"a"')),
  'if-modified-since': date,
  'if-range': fc.oneof(garbage, date, fc.constantFrom('"a"')),
  accept: garbage,
})
/** Settings of a route. */
export const settings = fc
  .record({
    mode: fc.constantFrom('standard', 'override'),
    setCookie: fc.constantFrom('never', 'strip'),
    ttl: fc.constantFrom(
      { default: '1m' },
      { default: '1h' },
      { default: '30d', statuses: { '2xx': '30d', '304': '1m', '206': '1m' } },
    ),
    stale: fc.constantFrom({}, { whileRevalidate: '1m', ifError: '30d', despiteSMaxage: true }),
    key: fc.constantFrom({}, { cookies: ['a'] }, { headers: ['authorization'] }),
    armor: fc.boolean(),
  })
  .map(rulesOf)
/** What an origin was asked and what it said. */
export const exchanges = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD', 'POST'),
    path: fc.constantFrom('/', '/a.css', '/%2e%00;a=b.css'),
    asked: requests,
    status: fc.oneof(
      fc.constantFrom(200, 200, 200, 404),
      fc.constantFrom(206, 304),
      fc.integer({ min: 200, max: 599 }),
    ),
    headers: answers,
    requestedAtMs: fc.integer({ min: NOON - 9000, max: NOON }),
    receivedAtMs: fc.integer({ min: NOON - 5000, max: NOON + 5000 }),
  })
  .map(exchangeOf)
/** When and in which situation something stored is looked at. */
export const moments: fc.Arbitrary<Moment> = fc.record({
  nowMs: fc.integer({ min: NOON - 10_000, max: NOON + 4_000_000 }),
  respectNoCache: fc.boolean(),
  situation: fc.constantFrom('well', 'recovering', 'out', 'failed'),
  recoveringSinceMs: fc.option(fc.integer({ min: NOON, max: NOON + 4_000_000 }), {
    nil: undefined,
  }),
  purge: fc.constantFrom('none', 'none', 'soft', 'hard'),
})
