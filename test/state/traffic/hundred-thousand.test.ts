import { expect, it } from 'vitest'
import { readToken, writeToken } from '../../../src/core/affinity/token.ts'
import { signingKeyAt, toSigningKeys } from '../../../src/core/affinity/signing-key.ts'
import { compile } from '../../../src/core/compile.ts'
import { decide } from '../../../src/core/decide.ts'
import { nothingSeen } from '../../../src/core/observation.ts'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import type { Bond } from '../../../src/schema/bond.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { SNAPSHOT_FORMAT } from '../../../src/schema/snapshot.ts'
import { toPublished } from '../../../src/state/traffic/leaving.ts'
import { factsOf } from '../../support/builders.ts'
import { drawsOf } from './bond-world.ts'
import { entryOf, World } from './world.ts'

const SESSIONS = 100_000
const COOKIE = 'portolan-all'
const KEYS = toSigningKeys([{ id: 'a', secret: 'A'.repeat(43), signsFromMs: 0 }])
const MINUTE_MS = 60_000

const pool = (name: string) => ({
  recovery: 'quick',
  drainTimeout: '10m',
  drainRemoved: true,
  origins: Object.fromEntries(
    [1, 2, 3].map((at) => [`${name}-${at}`, { url: `https://${name}-${at}.example.com` }]),
  ),
})
const config = {
  ramps: { quick: { dwell: '1m', gate: { minSamples: 10 } } },
  pools: { us: pool('us'), eu: pool('eu') },
  routes: {
    all: {
      steer: { policy: 'weighted', weights: { us: 50, eu: 50 } },
      affinity: { type: 'cookie' },
    },
  },
} satisfies AuthoredConfig

/** A browser: what it carries, where it is served, and how often that was another origin than before. */
interface Session {
  readonly ip: string
  cookie: string
  /** What the cookie says, as isolates remember it once it was verified. */
  bond: Bond | undefined
  at: string
  moves: number
}

/** Clients of two isolates, one of which always hears a generation late. */
class Crowd {
  readonly sessions: Session[] = []
  readonly world = new World(config)
  private readonly draw = drawsOf(11)
  private isolates: readonly Snapshot[] = []
  refused = 0

  constructor() {
    this.hear()
    for (let at = 0; at < SESSIONS; at += 1) {
      const ip = [10, at >> 16, (at >> 8) & 255, at & 255].join('.')
      this.sessions.push({ ip, cookie: '', bond: undefined, at: '', moves: 0 })
    }
  }

  /** The newest generation comes to one isolate, the one before it to the other. */
  hear(): void {
    const { log, conditions, leaving, leavingSince } = this.world.state
    const [known] = this.isolates
    if (known?.generation === log.generation) return
    const newest = compile({
      format: SNAPSHOT_FORMAT,
      revision: log.current,
      form: `${log.form}+${leavingSince}`,
      generation: log.generation,
      publishedAtMs: this.world.nowMs,
      config: toPublished(entryOf(this.world.authored()).config, leaving),
      conditions,
    })
    this.isolates = [newest, known ?? newest]
  }

  /** Each makes a request to one of the isolates; whoever moved comes to both again, and is where it went. */
  visit(sessions = this.sessions): void {
    this.hear()
    for (const session of sessions) {
      const first = this.draw() < 0.5 ? 0 : 1
      const before = session.moves
      this.request(session, first)
      const isNew = session.moves > before
      if (isNew) for (const at of [1 - first, first, 1 - first]) this.request(session, at)
    }
  }

  /** They come until the second isolate has heard as well: whoever met it before did not move yet. */
  settle(sessions = this.sessions): void {
    const homes = sessions.map(({ at }) => at)
    this.visit(sessions)
    const [newest] = this.isolates
    if (newest) this.isolates = [newest, newest]
    const moved = new Set(homes.filter((home, at) => sessions[at]?.at !== home))
    this.visit(sessions.filter(({ at }) => moved.has(at)))
  }

  /** All who are at an origin, and some of the others, who must not notice anything. */
  concerned(origin: string): Session[] {
    return this.sessions.filter(({ at }, number) => at === origin || number % 4 === 0)
  }

  /** How many are at each origin. */
  census(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { at } of this.sessions) counts[at] = (counts[at] ?? 0) + 1
    return counts
  }

  private request(session: Session, isolate: number): void {
    const snapshot = this.isolates[isolate]
    if (snapshot === undefined) throw new Error('no snapshot')
    const { nowMs } = this.world
    const bond = bondOf(session)
    const facts = {
      ...FACTS,
      client: { ip: session.ip },
      nowMs,
      random: this.draw(),
      ...(bond && { bond }),
    }
    const decision = decide(facts, snapshot, nothingSeenOf(snapshot))
    const origin = decision.type === 'steer' ? decision.attempts[0]?.id : undefined
    if (decision.type !== 'steer' || origin === undefined) {
      this.refused += 1
      return
    }
    if (session.at !== '' && session.at !== origin) session.moves += 1
    session.at = origin
    if (decision.affinity?.binds !== true || bond?.origin === origin) return
    const key = signingKeyAt(KEYS, nowMs)
    if (key === undefined) throw new Error('no key')
    // Not all of them in one moment.
    const boundAtMs = nowMs - Math.floor(this.draw() * 1000)
    const token = { origin, boundAtMs, usedAtMs: nowMs, expiresAtMs: nowMs + 86_400_000 }
    session.cookie = writeToken(key, COOKIE, token)
    session.bond = undefined
  }
}

function bondOf(session: Session): Bond | undefined {
  const { cookie, bond: known } = session
  if (known || cookie === '') return known
  const read = readToken(cookie, COOKIE, KEYS)
  if (!read.ok) throw new Error(read.flaw)
  const { origin, boundAtMs } = read.token
  session.bond = { origin, boundAtMs }
  return session.bond
}

const FACTS = factsOf()
const seen = new WeakMap<Snapshot, ReturnType<typeof nothingSeen>>()

function nothingSeenOf(snapshot: Snapshot) {
  const known = seen.get(snapshot) ?? nothingSeen(snapshot)
  seen.set(snapshot, known)
  return known
}

/** How many sessions moved so many times. */
function movesOf({ sessions }: Crowd): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { moves } of sessions) counts[moves] = (counts[moves] ?? 0) + 1
  for (const session of sessions) session.moves = 0
  return counts
}

it('loses and splits none of 100,000 sessions through a drain, an outage, its end and a removal', () => {
  const crowd = new Crowd()
  const { world, sessions } = crowd
  crowd.visit()
  const homes = crowd.census()
  expect(Object.values(homes).reduce((sum, count) => sum + count, 0)).toBe(SESSIONS)
  expect(movesOf(crowd)).toEqual({ 0: SESSIONS })

  // A drain keeps everybody, and moves those of its origin once, in its last minute.
  world.set('origin:us-1', 'drain', { override: true })
  world.pass(8 * MINUTE_MS)
  crowd.visit(crowd.concerned('us-1'))
  expect(crowd.census()).toEqual(homes)
  const drained = sessions.filter(({ at }) => at === 'us-1')
  world.pass(1.5 * MINUTE_MS)
  crowd.settle(drained)
  const half = homes['us-1'] ?? 0
  // Those who were bound in one millisecond leave together: as if there were a thousand clients.
  const sigma = half * Math.sqrt(0.25 / 1000)
  expect(Math.abs((crowd.census()['us-1'] ?? 0) - half / 2)).toBeLessThan(4 * sigma)
  world.pass(MINUTE_MS / 2)
  crowd.settle(drained)
  expect(crowd.census()['us-1']).toBeUndefined()
  expect(movesOf(crowd)).toEqual({ 0: SESSIONS - half, 1: half })

  // An outage moves those of its origin once; they stay where they are when it comes back.
  const fallen = crowd.census()['eu-2'] ?? 0
  world.health('eu-2', 'unhealthy')
  crowd.settle(crowd.concerned('eu-2'))
  world.health('eu-2', 'healthy')
  world.pass(10 * MINUTE_MS)
  crowd.visit(sessions.filter((_, at) => at % 4 === 0))
  expect(crowd.census()['eu-2']).toBeUndefined()
  expect(movesOf(crowd)).toEqual({ 0: SESSIONS - fallen, 1: fallen })

  // A removed origin leaves as a drained one does.
  const removed = sessions.filter(({ at }) => at === 'us-2')
  const { 'us-2': _, ...others } = config.pools.us.origins
  world.put({ ...config, pools: { ...config.pools, us: { ...config.pools.us, origins: others } } })
  crowd.visit(removed)
  expect(crowd.census()['us-2']).toBe(removed.length)
  world.pass(10 * MINUTE_MS)
  crowd.settle(removed)
  expect(movesOf(crowd)).toEqual({ 0: SESSIONS - removed.length, 1: removed.length })
  expect(Object.keys(crowd.census()).toSorted()).toEqual(['eu-1', 'eu-3', 'us-3'])
  expect(crowd.refused).toBe(0)
}, 60_000)
