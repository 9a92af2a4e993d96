import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOON } from './exchange.ts'
import { type Play, playHere, playThere } from './peer.ts'
import { DIFFERENCES } from './peer-differences.ts'

const at = (seconds: number) => new Date(NOON + seconds * 1000).toUTCString()
const PLAIN: Play = { status: 200, control: [], headers: {}, fetched: {}, asked: {}, laterMs: 5000 }

/** A few of these headers, each with one of its values. */
const someOf = (values: Readonly<Record<string, readonly string[]>>) =>
  fc
    .subarray(Object.entries(values), { maxLength: 2 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map(([name, each]) => [name, fc.constantFrom(...each)]))),
    )

const PLAYS: fc.Arbitrary<Play> = fc.record({
  status: fc.constantFrom(200, 200, 200, 203, 206, 301, 302, 404, 500, 503, 599),
  control: fc.subarray(
    (
      'max-age=60 s-maxage=30 no-cache private public no-store immutable must-revalidate proxy-revalidate must-understand ' +
      'stale-while-revalidate=60 max-age=25 MAX-AGE=60 No-Store max-age="60" max-age=60x max-age=10 ' +
      'private="x-a" no-cache="x-a" x="a,no-store,b"'
    ).split(' '),
    { maxLength: 3 },
  ),
  headers: someOf({
    expires: ['0', at(60), at(-60), '2026-11-15T13:00:00Z'],
    date: [at(-50), at(50)],
    age: ['10', '10, 20', 'x'],
    'last-modified': [at(-1000)],
    vary: ['accept', '*', 'accept, *'],
    'set-cookie': ['a=1'],
    pragma: ['no-cache'],
    etag: ['"a"'],
  }),
  fetched: someOf({
    authorization: ['x'],
    cookie: ['a=1'],
    'cache-control': ['no-store', 'No-Store', 'no-cache'],
    accept: ['a,b'],
  }),
  asked: someOf({
    'cache-control':
      'no-cache No-Cache max-age=5 max-age=0 max-age=600 min-fresh=20 max-stale max-stale=20 no-store only-if-cached'.split(
        ' ',
      ),
    accept: ['a,b', 'a, b', 'c'],
    pragma: ['no-cache'],
  }),
  laterMs: fc.constantFrom(0, 5000, 25_000, 45_000, 70_000, 200_000),
})

describe('http-cache-semantics', () => {
  it.each(DIFFERENCES)('differs, because $why ($section)', ({ here, example, isOf }) => {
    const play = { ...PLAIN, ...example }
    expect(playHere(play)).toBe(here)
    expect(playThere(play)).not.toBe(here)
    expect(isOf(play)).toBe(true)
  })

  it('differs for no other reason', () => {
    fc.assert(
      fc.property(PLAYS, (play) => {
        const here = playHere(play)
        const isExplained = DIFFERENCES.some((each) => each.here === here && each.isOf(play))
        expect(here === playThere(play) || isExplained).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
