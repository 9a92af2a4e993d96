import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChangeResult, RecordSet } from '../../../src/schema/dns-record-set.ts'
import { answersText, countAnswers, keyText } from '../../../src/state/dns/record-set.ts'
import { answerIn, setOf, TERMS, unmarked, wantedOf } from './records.ts'
import { type Conduct, GOOD, type Landing, ZoneWorld } from './world.ts'

// A seeded world: routes change their minds, the provider is slow, away, wrong or silent, processes end between any
// two things that happen and what they wrote lands late, clocks jump, operators freeze, records come and go, people
// write by hand. Whatever happened: nothing is touched that is not ours, nothing is told twice or not at all, and in
// the end there stands what is wanted.

type Action = (world: ZoneWorld) => void

const IDS = ['a', 'b', 'c'] as const
/** A record at whose name something stands that is not ours. */
const STRANGER = unmarked(setOf('stranger', [9]))

const id = fc.constantFrom(...IDS)
const hosts = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })

const unavailable = { kind: 'unavailable', detail: 'status 503' } as const
const refused = { kind: 'refused', detail: 'status 422' } as const
const timedOut = { kind: 'timed-out', detail: 'no answer' } as const

function saying(result: ChangeResult, only?: string): Conduct {
  return { ...GOOD, write: ({ record }) => ((only ?? record) === record ? result : undefined) }
}

const CONDUCTS: readonly Conduct[] = [
  { ...GOOD, tookMs: 4000 },
  { ...GOOD, tookMs: 35_000 },
  { ...GOOD, read: unavailable },
  { ...GOOD, read: { kind: 'rate-limited', detail: '429', retryAfterMs: 40_000 } },
  { ...GOOD, isHeard: false },
  saying({ outcome: 'failed', failure: unavailable }),
  saying({ outcome: 'failed', failure: refused }, 'b'),
  saying({ outcome: 'conflict', detail: 'another' }, 'a'),
  saying({ outcome: 'unknown', failure: timedOut }),
  { ...saying({ outcome: 'unknown', failure: timedOut }), lands: false },
]

/** A route changes its mind: of one of its records, or of all of them. */
const want = fc
  .record({
    moved: fc.oneof(fc.constant(IDS), fc.tuple(id)),
    hosts,
    degraded: fc.boolean(),
    isKnown: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ moved, hosts: wanted, degraded, isKnown }): Action => (world) => {
    world.want(
      ...world.wanted.map((each) => {
        const { record } = each
        if (!moved.some((one) => one === record)) return each
        if (isKnown === 0) return wantedOf(record, [], { hold: 'all pools are out' })
        return wantedOf(record, wanted, { degraded, ttl: degraded ? 30 : 60 })
      }),
    )
    world.ask('change')
  })

const configure = id.map((record): Action => (world) => {
  const others = world.wanted.filter((each) => each.record !== record)
  const isThere = others.length < world.wanted.length
  world.want(...others, ...(isThere ? [] : [wantedOf(record, [1, 2])]))
  world.records = { ...world.records, ...(isThere ? {} : { [record]: termsOf(record) }) }
  world.ask('change')
})

/** Name servers answer what stands, or what nobody wants, or nothing; or no check ever ends. */
const asked = fc
  .constantFrom('right', 'right', 'wrong', 'silent', 'lost')
  .map((how): Action => (world) => {
    const who = { target: 'ns1.example.com:53', kind: 'name-server', afterMs: 5 } as const
    world.answers = (effect) => {
      if (how === 'silent') return [{ ...who, outcome: 'failed', why: 'no answer' }]
      return [answerIn(how === 'wrong' ? [setOf('a', [99])] : world.sets, effect, who)]
    }
    if (how === 'lost') world.answers = undefined
  })

const late = fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: undefined })
let hand = 10

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: want },
  { weight: 1, arbitrary: configure },
  { weight: 1, arbitrary: asked },
  {
    weight: 16,
    arbitrary: fc
      .constantFrom(15, 30, 100, 2000, 20_000, 61_000, 61_000, 130_000, 130_000)
      .map((ms): Action => (world) => {
        world.ask()
        world.pass(ms)
      }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('change', 'operator').map(
      (cause): Action =>
        (world) =>
          world.ask(cause),
    ),
  },
  {
    weight: 2,
    arbitrary: late.map(
      (ms): Action =>
        (world) =>
          world.crash(ms),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 8 }), late).map(
      ([more, lateMs]): Action =>
        (world) =>
          void (world.crashAt = { count: world.happened + more, lateMs }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.oneof(fc.constant(GOOD), fc.constantFrom(...CONDUCTS)).map(
      (conduct): Action =>
        (world) =>
          void (world.conduct = conduct),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -600_000, max: 90_000 }).map((ms): Action => (world) => {
      if (world.forwardMs < 400_000) world.jump(ms)
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(id, fc.boolean()).map(
      ([record, frozen]): Action =>
        (world) =>
          world.freeze(record, frozen),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('good', 'lost-answer', 'deaf').map(
      (hearing): Action =>
        (world) =>
          void (world.hearing = hearing),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(id, fc.boolean()).map(([record, isGone]): Action => (world) => {
      const rest = world.sets.filter(({ name }) => name !== `${record}.example.com`)
      // What is written over before anybody has seen it, nobody can tell of.
      const isOpen = (world.state.records[record]?.intents.length ?? 0) > 0
      if (rest.length === world.sets.length || isOpen) return
      hand += 1
      world.sets = isGone ? rest : [...rest, setOf(record, [hand % 250])]
    }),
  },
)

/** One that holds for long, one that needs two answers, and one that is as quick as can be. */
function termsOf(record: string) {
  if (record === 'a') return { ...TERMS, holdMs: 200_000 }
  return record === 'b' ? { ...TERMS, minimumAnswers: 2 } : { ...TERMS, settleMs: 0, holdMs: 0 }
}

function begin(): ZoneWorld {
  const world = new ZoneWorld()
  world.sets = [STRANGER]
  world.zoneTerms = { ...world.zoneTerms, checkMs: 60_000 }
  world.want(...IDS.map((record) => wantedOf(record, [1, 2])), wantedOf('stranger', [1]))
  for (const record of IDS) world.records[record] = termsOf(record)
  world.ask()
  return world
}

/** From now on all is well, and there is time for everything. */
function settle(world: ZoneWorld, minutes = 12): void {
  world.conduct = GOOD
  world.hearing = 'good'
  world.answers = (effect) => [answerIn(world.sets, effect)]
  world.crashAt = undefined
  for (const record of IDS) world.freeze(record, false)
  // What is not known, or too little, is rightly never written.
  world.want(
    ...world.wanted.map((each) =>
      countAnswers(each.sets) < termsOf(each.record).minimumAnswers
        ? wantedOf(each.record, [1, 2])
        : each,
    ),
  )
  world.minutes(minutes)
}

/** What stands otherwise than it is wanted. */
function differing({ sets, wanted }: ZoneWorld): readonly unknown[] {
  return wanted.flatMap(({ key, sets: mine }) => {
    if (key.name === STRANGER.name || mine.length === 0) return []
    const there = sets.filter((set) => keyText(set) === keyText(key))
    return textsOf(there) === textsOf(mine) ? [] : [{ there, mine }]
  })
}

function textsOf(sets: readonly RecordSet[]): string {
  return sets.map((set) => `${set.ttl} ${answersText(set)}`).join(' ')
}

/** Changes that came sooner after the one before than the hold time, and those that left too little. */
function breaches(landings: readonly Landing[]): readonly string[] {
  const [answered, lowered] = [new Map<string, number>(), new Map<string, number>()]
  return landings.flatMap(({ change, passedMs, before, after }) => {
    const { record } = change
    const mine = (sets: readonly RecordSet[]) =>
      sets.filter(({ name }) => name === `${record}.example.com`)
    const { minimumAnswers, holdMs } = termsOf(record)
    const [old, young] = [countAnswers(mine(before)), countAnswers(mine(after))]
    const isTooFew = young < Math.min(minimumAnswers, old)
    const isTtlAlone = textsOfAnswers(mine(before)) === textsOfAnswers(mine(after))
    // Answers wait for answers; a TTL by itself waits for either.
    const times = isTtlAlone ? [answered, lowered] : [answered]
    const sinceMs = passedMs - Math.max(...times.map((last) => last.get(record) ?? -Infinity))
    ;(isTtlAlone ? lowered : answered).set(record, passedMs)
    // Where nothing stood nobody waits.
    const isTooSoon = old > 0 && sinceMs < holdMs
    return [
      ...(isTooFew ? [`${record} has too few`] : []),
      ...(isTooSoon ? [`${record} too soon`] : []),
    ]
  })
}

function textsOfAnswers(sets: readonly RecordSet[]): string {
  return sets.map(answersText).join(' ')
}

/** What was written, and what the audit log says of it. */
function ledgers({ landings, deeds }: ZoneWorld): readonly [readonly string[], readonly string[]] {
  const written = landings.map(({ change: { before, after } }) => ({ before, after }))
  return [written.map((each) => entryOf(each)), deeds.map((each) => entryOf(each))]
}

function entryOf({ before, after }: { readonly before: unknown; readonly after: unknown }): string {
  return JSON.stringify([before, after])
}

/** Matters that are told as open. */
function openMatters({ matters }: ZoneWorld): readonly string[] {
  const open = new Set<string>()
  for (const { resolves, dedupKey } of matters) {
    if (resolves) open.delete(dedupKey)
    else open.add(dedupKey)
  }
  return [...open].filter((key) => !key.endsWith(':stranger'))
}

/** What holds of a world that has settled. */
function lawsIn(world: ZoneWorld) {
  const [written, told] = ledgers(world)
  const before = world.applies.length
  world.minutes(3)
  return {
    wrongs: [...world.wrongs, ...breaches(world.landings)],
    differing: differing(world),
    stranger: world.sets.find(({ name }) => name === STRANGER.name),
    isToldOnce: written.toSorted().join('\n') === told.toSorted().join('\n'),
    untold: Object.keys(world.state.news),
    changesOfNothing: world.applies.length - before,
    openMatters: openMatters(world),
  }
}

const LAWFUL: ReturnType<typeof lawsIn> = {
  wrongs: [],
  differing: [],
  stranger: STRANGER,
  isToldOnce: true,
  untold: [],
  changesOfNothing: 0,
  openMatters: [],
}

/** Something is lost, and three records move at once. */
function loss(world: ZoneWorld): void {
  world.pass(1000)
  world.want(...IDS.map((record) => wantedOf(record, [3, 4], { ttl: 30, degraded: true })))
  for (const record of IDS) world.records[record] = termsOf(record)
  world.ask('change')
  world.pass(300_000)
}

describe('whatever happens', () => {
  it('there stands in the end what is wanted, by the laws, and the log tells of each change once', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120, size: 'max' }), (story) => {
        const world = begin()
        for (const act of story) act(world)
        settle(world)
        expect(lawsIn(world)).toEqual(LAWFUL)
      }),
      { numRuns: 40 },
    )
  })

  it.each([undefined, 0, 3000])(
    'a crash at any point of a story, with writes late by %s ms',
    (lateMs) => {
      const whole = begin()
      loss(whole)
      for (let count = 1; count <= whole.happened; count += 1) {
        const world = begin()
        world.crashAt = { count, lateMs }
        loss(world)
        settle(world, 5)
        expect(lawsIn(world)).toEqual(LAWFUL)
      }
      expect(whole.happened).toBeGreaterThan(15)
    },
  )
})
