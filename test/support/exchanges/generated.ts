import * as fc from 'fast-check'
import type { HeaderLines } from '../client.ts'
import type { Exchange, OriginAnswer, Step } from './exchange.ts'

/** An optional header with one of these values. */
const maybe = (name: string, ...values: readonly string[]): fc.Arbitrary<HeaderLines> =>
  fc
    .option(fc.constantFrom(...values), { nil: undefined, freq: 3 })
    .map((value) => (value === undefined ? [] : [[name, value] as const]))

/** Headers of several kinds, each there or not. */
const together = (...kinds: readonly fc.Arbitrary<HeaderLines>[]): fc.Arbitrary<HeaderLines> =>
  fc.tuple(...kinds).map((all) => all.flat())

const LIFETIMES = [
  'max-age=60',
  'max-age=60',
  'max-age=60',
  'max-age=1',
  'max-age=1',
  's-maxage=60',
]
const ODD_LIFETIMES = [
  '',
  'public',
  'max-age=0',
  'max-age=0, s-maxage=60',
  'max-age=60, s-maxage=1',
]
const STRANGE_LIFETIMES = [
  'max-age="60"',
  'MAX-AGE=60',
  'max-age=x',
  'max-age=-1',
  'max-age=4294967297',
]
const DIRECTIVES =
  'public private no-store no-cache must-revalidate proxy-revalidate no-cache="x-a" private="x-a" must-understand ' +
  'immutable no-transform other=1 stale-while-revalidate=60 stale-if-error=60'

const control: fc.Arbitrary<HeaderLines> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...LIFETIMES) },
      { weight: 2, arbitrary: fc.constantFrom(...ODD_LIFETIMES) },
      { weight: 1, arbitrary: fc.constantFrom(...STRANGE_LIFETIMES) },
    ),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.subarray(DIRECTIVES.split(' '), { minLength: 1, maxLength: 2 }) },
    ),
  )
  .map(([lifetime, directives]) =>
    [lifetime, ...directives].filter((each) => each !== '').join(', '),
  )
  .map((says) => (says === '' ? [] : [['Cache-Control', says]]))

/** Few statuses in many, so that most of what is generated is about what it says. */
const status = fc.oneof(
  { weight: 7, arbitrary: fc.constant(200) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(203, 204, 299, 301, 302, 307, 308, 404, 405, 410, 500, 501, 503),
  },
)

const validators = together(
  maybe('ETag', '"one"', '"one"', 'W/"one"'),
  maybe('Last-Modified', '{now-86400}'),
)

const times = together(
  maybe('Expires', '{now+60}', '{now-60}', '0', '{now}'),
  maybe('Date', '{now}', '{now-30}', '{now-90}', '{now+90}', ''),
  maybe('Age', '0', '30', '60', 'x', '5, 90'),
)

const first: fc.Arbitrary<OriginAnswer> = fc
  .record({
    status,
    headers: together(
      control,
      validators,
      fc.oneof(
        { weight: 2, arbitrary: fc.constant<HeaderLines>([]) },
        { weight: 1, arbitrary: times },
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<HeaderLines>([]) },
        {
          weight: 1,
          arbitrary: fc.oneof(
            maybe('Vary', 'Accept-Language', 'Accept-Language', 'accept-language, X-Other', '*'),
            maybe('Set-Cookie', 'a=b'),
            maybe('Pragma', 'no-cache'),
          ),
        },
      ),
    ),
  })
  .map((answer) => ({ ...answer, content: 'a' }))

const who = fc.oneof(
  { weight: 5, arbitrary: fc.constant<HeaderLines>([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<HeaderLines>(
      [['Authorization', 'Basic YTpi']],
      [['Cookie', 'who=a']],
    ),
  },
)
const language = maybe('Accept-Language', 'de', 'de', 'en, de', 'en,de')

const wish = fc.oneof(
  { weight: 4, arbitrary: fc.constant<HeaderLines>([]) },
  {
    weight: 3,
    arbitrary: fc.oneof(
      maybe(
        'Cache-Control',
        'no-cache',
        'no-store',
        'max-age=0',
        'max-stale=60',
        'min-fresh=30',
        'only-if-cached',
      ),
      maybe('If-None-Match', '"one"', 'W/"one"', '"two"', '"x", "one"', '*'),
      maybe('If-Modified-Since', '{now-3600}', '{now-172800}', 'x'),
      together(
        // Not beyond the end: Traffic Server never answers where what is longer or shorter has come since.
        maybe('Range', 'bytes=0-3', 'bytes=-4'),
        maybe('If-Range', '"one"', '"two"'),
      ),
    ),
  },
)

/** A first request, and another one for what it may have stored. */
const twoSteps: fc.Arbitrary<Exchange> = fc
  .record({
    answer: first,
    sends: together(who, language),
    repeats: fc.boolean(),
    sendsLater: together(who, language),
    wish,
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant('GET') },
      { weight: 1, arbitrary: fc.constant('HEAD') },
    ),
    later: fc.constantFrom('same', 'changed', 'fails'),
  })
  .map(({ answer, sends, repeats, sendsLater, wish: wants, method, later }) => {
    const again = [...(repeats ? sends : sendsLater), ...wants]
    const steps: readonly Step[] = [
      { method: 'GET', sends, answer },
      { method, sends: again, answer: laterOf(answer, later) },
    ]
    return { title: toTitle(steps, later), steps }
  })

/** Something is stored, then an unsafe method goes by. */
const unsafe: fc.Arbitrary<Exchange> = fc
  .record({
    method: fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
    status: fc.constantFrom(200, 204, 303, 404, 500),
  })
  .map(({ method, status: given }) => {
    const fresh: HeaderLines = [['Cache-Control', 'max-age=60']]
    const steps: readonly Step[] = [
      { method: 'GET', sends: [], answer: { status: 200, headers: fresh, content: 'a' } },
      { method, sends: [], answer: { status: given, headers: [], content: 'b' } },
      { method: 'GET', sends: [], answer: { status: 200, headers: fresh, content: 'b' } },
    ]
    return { title: `GET, ${method} that gives ${given}, GET`, steps }
  })

/** Exchanges of every kind. */
export const anyExchange: fc.Arbitrary<Exchange> = fc.oneof(
  { weight: 15, arbitrary: twoSteps },
  { weight: 1, arbitrary: unsafe },
)

function laterOf(answer: OriginAnswer, later: string): OriginAnswer {
  // Whoever does not wait for this answer shows it by being quicker.
  const isSlow = answer.headers.some(([, value]) => value.includes('stale-while-revalidate'))
  if (later === 'same') return { ...answer, isSlow }
  if (later === 'fails') return { status: 503, headers: [], content: 'b', isSlow }
  const headers: HeaderLines = [
    ['Cache-Control', 'max-age=60'],
    ['ETag', '"changed"'],
    ['Last-Modified', '{now}'],
  ]
  return { status: answer.status, headers, content: 'b', isSlow }
}

function toTitle(steps: readonly Step[], later: string): string {
  const parts = steps.map(({ method, sends }) =>
    [method, ...sends.map((line) => line.join(': '))].join(' '),
  )
  const { status: given = 0, headers = [] } = steps[0]?.answer ?? {}
  const answer = [given, ...headers.map((line) => line.join(': '))].join('; ')
  return `${parts[0]} → ${answer}; then ${parts[1]}, ${later}`
}
