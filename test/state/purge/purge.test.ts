import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePurges, purgeOf } from '../../../src/core/purge.ts'
import { CACHE_LIMITS } from '../../../src/schema/cache-limits.ts'
import { PURGE_LIMITS, type PurgeRow, type PurgeTarget } from '../../../src/schema/cache-purge.ts'
import { type Purge, adopt, purge } from '../../../src/state/purge/purge.ts'
import { initialPurges, PURGE_STATE_LIMITS, Purges } from '../../../src/state/purge/state.ts'

const START = 1_700_000_000_000
const DAY = 86_400_000

const tag = (name: string, kind: Purge['kind'] = 'hard'): Purge => ({
  targets: [{ tag: name }],
  kind,
})
const url = (path: string, host = 'www.example.com') => ({ url: `https://${host}${path}` })

const all = (kind: Purge['kind']): Purge => ({ targets: [{ all: true }], kind })
const kinds = ({ rows }: Purges) => rows.map(({ kind, serial }) => [kind, serial])

/** What remains after purges in turn, each with its moment. */
function after(...calls: readonly (readonly [Purge, number])[]): Purges {
  return calls.reduce((state, [asked, nowMs]) => purge(state, asked, nowMs).purges, initialPurges)
}

describe('serials', () => {
  it('are the moment, and rise when the clock stands still or goes back', () => {
    const state = after([tag('a'), START], [tag('b'), START], [tag('c'), START - DAY])
    expect(state.rows.map(({ serial }) => serial)).toEqual([START, START + 1, START + 2])
    expect(state.last).toBe(START + 2)
  })

  it('rise also when all rows are forgotten and the clock is set back after', () => {
    const forgotten = after([tag('a'), START + 40 * DAY], [tag('b'), START + 80 * DAY])
    const { serial } = purge({ ...forgotten, rows: [] }, tag('c'), START)
    expect(serial).toBe(START + 80 * DAY + 1)
  })

  it('go on from what was published when the control object has lost its storage', () => {
    const { rows } = after([tag('a'), START + DAY], [tag('b', 'soft'), START + 2 * DAY])
    const adopted = adopt(initialPurges, rows)
    expect(adopted).toEqual({ last: START + 2 * DAY, rows })
    expect(purge(adopted, tag('c'), START).serial).toBe(START + 2 * DAY + 1)
    expect(adopt(adopted, [])).toBe(adopted)
    expect(adopt(after([tag('z'), START]), rows)).toEqual(after([tag('z'), START]))
  })
})

describe('rows', () => {
  it('of one target are one, at its newest', () => {
    expect(after([tag('a'), 1000], [tag('b'), 2000], [tag('a'), 3000]).rows).toEqual([
      { serial: 2000, target: { tag: 'b' }, kind: 'hard' },
      { serial: 3000, target: { tag: 'a' }, kind: 'hard' },
    ])
  })

  it('keep a hard one beside a later soft one of the same target, but not the reverse', () => {
    expect(kinds(after([tag('a'), 1000], [tag('a', 'soft'), 2000]))).toEqual([
      ['hard', 1000],
      ['soft', 2000],
    ])
    expect(kinds(after([tag('a', 'soft'), 1000], [tag('a'), 2000]))).toEqual([['hard', 2000]])
  })

  it('give way to a later purge of everything that is as hard', () => {
    const mixed = [
      [tag('a'), 1000],
      [tag('b', 'soft'), 2000],
    ] as const
    expect(after(...mixed, [all('hard'), 3000]).rows).toHaveLength(1)
    expect(after(...mixed, [all('soft'), 3000]).rows.map(({ target }) => target)).toEqual([
      { tag: 'a' },
      { all: true },
    ])
  })

  it('are forgotten a day after the last answer that they could meet is', () => {
    const longest = START + CACHE_LIMITS.lifeMs + DAY
    const isKept = (nowMs: number) => after([tag('a'), START], [tag('b'), nowMs]).rows.length === 2
    expect(isKept(longest)).toBe(true)
    expect(isKept(longest + 1)).toBe(false)
  })

  it('that a later release wrote purge everything', () => {
    const rows = [{ serial: 7, target: { language: 'de' }, kind: 'mild' }]
    expect(Purges.parse({ last: 7, rows }).rows).toEqual([
      { serial: 7, target: { all: true }, kind: 'hard' },
    ])
  })
})

describe('too many rows', () => {
  it('make the oldest wider: a host first, everything only when there is no other way', () => {
    const paths = Array.from({ length: PURGE_LIMITS.rows }, (_, at) => url(`/${at}`))
    const full: Purges = {
      last: 2000,
      rows: paths.map((target, at) => ({ serial: 1000 + at, target, kind: 'hard' as const })),
    }
    const told = purge(full, { targets: [url('/new'), url('/newer')], kind: 'hard' }, 3000)
    expect(told).toMatchObject({ widened: 3, into: [{ host: 'www.example.com' }], serial: 3000 })
    expect(told.purges.rows).toHaveLength(PURGE_LIMITS.rows)
    expect(told.purges.rows[0]).toEqual({
      serial: 1002,
      target: { host: 'www.example.com' },
      kind: 'hard',
    })
    expect(told.purges.rows[1]?.serial).toBe(1003)

    const tags = full.rows.map((row, at) => ({ ...row, target: { tag: `t${at}` } }))
    const wide = purge({ ...full, rows: tags }, tag('new'), 3000)
    expect(wide).toMatchObject({ widened: 2, into: [{ all: true }] })
    expect(wide.purges.rows[0]).toEqual({ serial: 1001, target: { all: true }, kind: 'hard' })
  })

  it('are too many by their bytes as well', () => {
    let state = initialPurges
    const long = 'x'.repeat(2000)
    for (let at = 0; at < 100; at += 1) {
      state = purge(state, { targets: [url(`/${long}${at}`)], kind: 'soft' }, START + at).purges
    }
    const bytes = JSON.stringify(state.rows).length
    expect(bytes).toBeLessThanOrEqual(PURGE_STATE_LIMITS.bytes)
    expect(bytes).toBeGreaterThan(PURGE_STATE_LIMITS.bytes * 0.9)
    expect(state.rows.filter(({ target }) => 'host' in target)).toHaveLength(1)
  })

  it('lose nothing of a newer purge that they become the same as', () => {
    const host = { host: 'www.example.com' }
    const rows = Array.from({ length: PURGE_LIMITS.rows - 1 }, (_, at) => ({
      serial: 1000 + at,
      target: url(`/${at}`),
      kind: 'hard' as const,
    }))
    const newer = { serial: 2000, target: host, kind: 'hard' as const }
    const told = purge({ last: 2000, rows: [...rows, newer] }, tag('a'), 3000)
    expect(told.into).toEqual([host])
    expect(told.purges.rows).toContainEqual(newer)
  })

  it.each([
    ['an address', (at: number) => `[::${at.toString(16)}]`],
    ['what is no name in DNS', (at: number) => `my_host.${at}`],
  ])('by %s instead of a name become everything', (_, toHost) => {
    const rows = Array.from({ length: PURGE_LIMITS.rows }, (__, at) => ({
      serial: 1000 + at,
      target: url('/', toHost(at)),
      kind: 'soft' as const,
    }))
    expect(purge({ last: 2000, rows }, tag('a'), 3000).into).toEqual([{ all: true }])
  })
})

describe('whatever is purged', () => {
  const targets = fc.constantFrom<PurgeTarget>(
    url('/a/b?x=1'),
    url('/a/b'),
    url('/a', 'api.example.com'),
    { host: 'www.example.com' },
    { host: 'www.example.com', prefix: '/a' },
    { tag: 'one' },
    { tag: 'two' },
    { route: 'web' },
    { all: true },
  )
  const calls = fc.array(
    fc.record({
      targets: fc.array(targets, { minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom<PurgeRow['kind']>('hard', 'soft'),
      gapMs: fc.integer({ min: -2000, max: 2000 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  const subject = fc.record({
    route: fc.constantFrom('web', 'api'),
    host: fc.constantFrom('www.example.com', 'api.example.com'),
    path: fc.constantFrom('/', '/a', '/a/b'),
    query: fc.constantFrom('', '?x=1'),
    tags: fc.subarray(['one', 'two', 'three']),
    before: fc.nat(20),
  })

  it('meets the same answers as if every row were kept for ever', () => {
    fc.assert(
      fc.property(calls, subject, (asked, { before, ...known }) => {
        let state = initialPurges
        let nowMs = START
        const every: PurgeRow[] = []
        let asOf = 0
        for (const [at, { gapMs, ...call }] of asked.entries()) {
          nowMs += gapMs
          // An answer that was asked for between two purges knows of those before it.
          if (at === before) asOf = state.last
          const made = purge(state, call, nowMs)
          state = made.purges
          every.push(
            ...call.targets.map((target) => ({ serial: made.serial, target, kind: call.kind })),
          )
        }
        const judge = (rows: readonly PurgeRow[]) =>
          purgeOf(compilePurges(rows, []), { ...known, asOf })
        expect(judge(state.rows)).toBe(judge(every))
        const serials = state.rows.map(({ serial }) => serial)
        expect(serials).toEqual(serials.toSorted((left, right) => left - right))
        expect(state.rows.length).toBeLessThanOrEqual(9 * 2)
      }),
    )
  })
})
