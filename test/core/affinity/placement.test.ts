import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { sessionKeyOf } from '../../../src/core/affinity/session-key.ts'
import { decide } from '../../../src/core/decide.ts'
import type { SteerDecision } from '../../../src/core/decision.ts'
import type { Observations } from '../../../src/core/observation.ts'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import { Affinity } from '../../../src/schema/affinity.ts'
import type { Conditions } from '../../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { RequestFacts } from '../../../src/schema/facts.ts'
import { factsOf, observationsOf, snapshotOf } from '../../support/builders.ts'

type AuthoredRoute = NonNullable<NonNullable<AuthoredConfig['routes']>[string]>
type AuthoredAffinity = NonNullable<AuthoredRoute['affinity']>
type Steer = NonNullable<AuthoredRoute['steer']>
type Balance = NonNullable<NonNullable<AuthoredConfig['pools']>[string]['balance']>

const SESSIONS = 400
const BY_HEADER: AuthoredAffinity = { type: 'header', names: [{ header: 'x-session' }] }

/** Every policy of a route: those that go by key, place or list, and those that do not. */
const POLICIES: readonly Steer[] = [
  { policy: 'failover', pools: ['a', 'b', 'c'] },
  { policy: 'weighted', key: 'random', weights: { a: 3, b: 2, c: 1 } },
  { policy: 'hash', pools: ['a', 'b', 'c'] },
  { policy: 'round-robin', pools: { a: 3, b: 2, c: 1 } },
  { policy: 'random', pools: ['a', 'b', 'c'] },
  { policy: 'geo', countries: { DE: { a: 1, b: 1 } }, default: ['c', 'a', 'b'] },
  { policy: 'proximity', pools: ['a', 'b', 'c'] },
  { policy: 'latency', pools: ['a', 'b', 'c'], explore: 0.5 },
  { policy: 'least-connections', pools: { a: 3, b: 2, c: 1 } },
  { policy: 'least-response-time', pools: ['a', 'b', 'c'] },
]

const ALGORITHMS: readonly Balance['algorithm'][] = [
  'weighted',
  'hash',
  'failover',
  'round-robin',
  'random',
  'proximity',
  'latency',
  'least-connections',
  'least-response-time',
]

interface Parts {
  readonly steer?: Steer
  readonly algorithm?: Balance['algorithm']
  readonly origins?: number
  readonly affinity?: AuthoredAffinity | undefined
  readonly conditions?: z.input<typeof Conditions>
}

function worldOf({ affinity = BY_HEADER, conditions = {}, ...parts }: Parts): Snapshot {
  const { steer = POLICIES[0], algorithm = 'weighted', origins = 3 } = parts
  const pools = Object.fromEntries(
    ['a', 'b', 'c'].map((pool, n) => [
      pool,
      {
        location: { latitude: 10, longitude: 90 * n },
        balance: { algorithm },
        origins: Object.fromEntries(
          Array.from({ length: origins }, (_, at) => [
            `${pool}-${at + 1}`,
            { url: `https://${pool}-${at + 1}.example.com`, weight: at + 1 },
          ]),
        ),
      },
    ]),
  )
  return snapshotOf({ pools, routes: { all: { steer, affinity } } }, conditions)
}

const requests = new Map<number, readonly RequestFacts[]>()

/** Requests of a session: each of its own chance, at a time when the isolate has seen something else. */
function requestsOf(session: number): readonly RequestFacts[] {
  const made = requests.get(session) ?? makeRequests(session)
  requests.set(session, made)
  return made
}

function makeRequests(session: number): readonly RequestFacts[] {
  return [0.05, 0.5, 0.95].map((random) =>
    factsOf({
      headers: { 'x-session': `s${session}` },
      client: { ip: '203.0.113.7', country: 'DE', location: { latitude: 0, longitude: 100 } },
      random,
    }),
  )
}

function seenBy(snapshot: Snapshot, random: number) {
  const inFlight = (n: number) => Math.floor(random * 20 * (n + 1)) % 7
  const loads = Object.fromEntries(
    snapshot.origins.map(({ id }, n) => [id, { inFlight: inFlight(n), latencyMs: 50 }]),
  )
  const credits = new Map([
    ['route:all', [random * 9, 3, random * 5]],
    ['pool:a', [0, random * 9, 3]],
  ])
  return observationsOf(snapshot, loads, credits)
}

const known = new WeakMap<Snapshot, Map<number, Observations>>()

function steered(snapshot: Snapshot, facts: RequestFacts): SteerDecision {
  const byChance = known.get(snapshot) ?? new Map<number, Observations>()
  known.set(snapshot, byChance)
  const seen = byChance.get(facts.random) ?? seenBy(snapshot, facts.random)
  byChance.set(facts.random, seen)
  const decision = decide(facts, snapshot, seen)
  if (decision.type !== 'steer') throw new Error(`it is ${decision.type}`)
  return decision
}

/** Where each session goes first; a session that goes to several places is told by all of them. */
function placesOf(snapshot: Snapshot): string[] {
  return Array.from({ length: SESSIONS }, (_, session) => {
    const ids = requestsOf(session).map((facts) => steered(snapshot, facts).attempts[0]?.id)
    return [...new Set(ids)].join(' and ')
  })
}

/** The sessions that are elsewhere in the second, as `from>to`. */
function movesOf(before: readonly string[], after: readonly string[]): string[] {
  return before.flatMap((place, n) => (place === after[n] ? [] : [`${place}>${after[n]}`]))
}

function shareOf(places: readonly string[], law: (place: string) => boolean): number {
  return places.filter(law).length / places.length
}

function room(share: number): number {
  return 5 * Math.sqrt((share * (1 - share)) / SESSIONS)
}

describe('affinity by key, which nobody remembers', () => {
  it.each(POLICIES)('sends equal keys to one origin, whatever the policy: $policy', (steer) => {
    const places = placesOf(worldOf({ steer }))
    expect(places.filter((place) => place.includes(' and '))).toEqual([])
    expect(new Set(places).size).toBeGreaterThan(1)
  })

  it.each(ALGORITHMS)('and whatever the algorithm of the pool: %s', (algorithm) => {
    const places = placesOf(worldOf({ algorithm }))
    expect(places.filter((place) => place.includes(' and '))).toEqual([])
  })

  it.each(['round-robin', 'random', 'least-connections'] as const)(
    'shares by weight where the policy has no place for a key: %s',
    (policy) => {
      const steer = { policy, pools: { a: 3, b: 2, c: 1 } }
      const places = placesOf(worldOf({ steer, algorithm: policy }))
      for (const [pool, share] of [
        ['a', 1 / 2],
        ['b', 1 / 3],
        ['c', 1 / 6],
      ] as const) {
        const seen = shareOf(places, (place) => place.startsWith(pool))
        expect(Math.abs(seen - share)).toBeLessThanOrEqual(room(share))
        const last = shareOf(places, (place) => place === `${pool}-3`)
        expect(Math.abs(last - share / 2)).toBeLessThanOrEqual(room(share / 2))
      }
    },
  )

  it.each(['weighted', 'round-robin', 'least-response-time'] as const)(
    'moves only the sessions of an origin that is out, and has them back: %s',
    (algorithm) => {
      const before = placesOf(worldOf({ algorithm }))
      const out = { origins: { 'a-2': { health: 'unhealthy' as const } } }
      const moves = movesOf(before, placesOf(worldOf({ algorithm, conditions: out })))
      expect(moves.length).toBe(before.filter((place) => place === 'a-2').length)
      expect(moves.every((move) => move.startsWith('a-2>a-'))).toBe(true)
    },
  )

  it('moves sessions only to an origin that is new', () => {
    const moves = movesOf(placesOf(worldOf({ origins: 3 })), placesOf(worldOf({ origins: 4 })))
    expect(moves.length).toBeGreaterThan(0)
    expect(moves.every((move) => move.endsWith('>a-4'))).toBe(true)
  })

  it('moves sessions only to an origin whose share grows, and each once', () => {
    const path = [0, 10, 50, 100].map((sharePercent) =>
      placesOf(worldOf({ conditions: { origins: { 'a-3': { sharePercent } } } })),
    )
    for (const [at, places] of path.entries()) {
      const moves = movesOf(path[at - 1] ?? places, places)
      expect(moves.every((move) => move.endsWith('>a-3'))).toBe(true)
    }
    expect(path.at(-1)).toEqual(placesOf(worldOf({})))
  })

  it('binds nobody and heeds no bond', () => {
    const [facts = factsOf()] = requestsOf(1)
    const bond = { origin: 'c-1', boundAtMs: 1 }
    const { attempts, affinity } = steered(worldOf({}), { ...facts, bond })
    expect(attempts).toEqual(steered(worldOf({}), facts).attempts)
    expect(affinity).toEqual({ kept: undefined, left: undefined, binds: false })
  })

  it('takes nobody a turn', () => {
    const steer: Steer = { policy: 'round-robin', pools: ['a', 'b', 'c'] }
    const [facts = factsOf()] = requestsOf(1)
    expect(steered(worldOf({ steer, algorithm: 'round-robin' }), facts).turns).toEqual([])
  })

  it('leaves a request that lacks its key to the policy', () => {
    const steer: Steer = { policy: 'round-robin', pools: ['a', 'b', 'c'] }
    const facts = factsOf({ random: 0.3 })
    const { attempts, turns } = steered(worldOf({ steer }), facts)
    const plain = steered(worldOf({ steer, affinity: undefined }), facts)
    expect({ attempts: attempts.map(({ id }) => id), turns }).toEqual({
      attempts: plain.attempts.map(({ id }) => id),
      turns: plain.turns,
    })
  })
})

describe('affinity that somebody remembers', () => {
  it.each([
    [{ type: 'cookie' }, false],
    [{ type: 'ip-cookie' }, true],
    [{ type: 'ip' }, true],
    [{ type: 'ip', store: 'durable' }, false],
    [{ ...BY_HEADER, store: 'durable' }, false],
  ] as const)(
    'places who is bound nowhere by key only where it has to: %o',
    (affinity, isPlaced) => {
      const steer = { policy: 'weighted', key: 'random', weights: { a: 1, b: 1, c: 1 } } as const
      const snapshot = worldOf({ steer, affinity })
      const places = Array.from({ length: 40 }, (_, n) => {
        const [facts = factsOf()] = requestsOf(1)
        return steered(snapshot, { ...facts, random: n / 40 }).attempts[0]?.id
      })
      expect(new Set(places).size === 1).toBe(isPlaced)
    },
  )

  it.each([
    [{ type: 'cookie' }, {}, true],
    [{ type: 'ip-cookie' }, {}, true],
    [{ type: 'ip', store: 'durable' }, { client: { ip: '203.0.113.7' } }, true],
    [{ type: 'ip', store: 'durable' }, {}, false],
    [{ ...BY_HEADER, store: 'durable' }, { headers: { 'x-session': 'a' } }, true],
    [{ ...BY_HEADER, store: 'durable' }, {}, false],
    [BY_HEADER, { headers: { 'x-session': 'a' } }, false],
  ] as const)('binds who can be known again: %o, %o', (affinity, facts, binds) => {
    expect(steered(worldOf({ affinity }), factsOf(facts)).affinity?.binds).toBe(binds)
  })
})

describe('the key of a session', () => {
  const names = [{ header: 'x-session' }, { cookie: 'sid' }]
  const any = Affinity.parse({ type: 'header', names })
  const all = Affinity.parse({ type: 'header', names, require: 'all' })

  it.each([
    [{ headers: { 'x-session': 'a' }, cookies: { sid: 'b' } }, 'a', 'a\nb'],
    [{ headers: { 'x-session': 'a' } }, 'a', undefined],
    [{ cookies: { sid: 'b' } }, 'b', undefined],
    [{ headers: { 'x-session': '' }, cookies: { sid: 'b' } }, 'b', undefined],
    [{}, undefined, undefined],
  ])('is the first of the names, or all of them: %o', (facts, first, whole) => {
    expect(sessionKeyOf(any, factsOf(facts))).toBe(first)
    expect(sessionKeyOf(all, factsOf(facts))).toBe(whole)
  })

  it('is no property that every object has', () => {
    const odd = Affinity.parse({ type: 'header', names: [{ header: 'constructor' }] })
    expect(sessionKeyOf(odd, factsOf())).toBe(undefined)
  })

  it('is the address, IPv6 by /64', () => {
    const ip = Affinity.parse({ type: 'ip' })
    const keys = ['2001:db8::1', '2001:db8::ffff', '2001:db8:0:1::1', '::ffff:203.0.113.7'].map(
      (address) => sessionKeyOf(ip, factsOf({ client: { ip: address } })),
    )
    expect(keys).toEqual([
      '2001:db8:0:0::/64',
      '2001:db8:0:0::/64',
      '2001:db8:0:1::/64',
      '203.0.113.7',
    ])
  })

  it('is asked for by the snapshot', () => {
    const { needs } = worldOf({ affinity: { type: 'header', names } })
    expect(needs).toEqual({ headers: ['x-session'], cookies: ['sid'], query: [] })
  })
})
