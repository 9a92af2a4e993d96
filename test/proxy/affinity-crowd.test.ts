import { expect, it } from 'vitest'
import type * as z from 'zod'
import { toBase64url } from '../../src/core/kernel/base64url.ts'
import { compile } from '../../src/core/compile.ts'
import { decide } from '../../src/core/decide.ts'
import { nothingSeen } from '../../src/core/observation.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { toAnswerChanges } from '../../src/proxy/affinity/answer.ts'
import { readCookies } from '../../src/proxy/affinity/cookie-session.ts'
import { createAffinityMemory, keysOf } from '../../src/proxy/affinity/memory.ts'
import { Conditions } from '../../src/schema/condition.ts'
import { type Keyring, stepKeyring } from '../../src/state/keyring.ts'
import { documentOf, factsOf } from '../support/builders.ts'
import { configOf, NOW_MS } from './builders.ts'

// Two thousand clients with their cookies, three isolates that hear of everything at different times, and a day in
// which one origin drains, another dies and comes back, and the keys change: nobody is lost, and nobody is moved who
// could have stayed.

const MINUTE_MS = 60_000
const ORIGINS = ['a', 'b', 'c', 'd', 'e']
const CLIENTS = 2000
const MINUTES = 300
/** Each client comes once in so long. */
const ROUND_MINUTES = 12
const CONFIG = configOf({
  origins: ORIGINS,
  pool: { balance: { algorithm: 'random' } },
  route: { affinity: { type: 'cookie', ttl: '7d' } },
})

/** What happens, by minutes. */
const DRAIN = { from: 60, until: 120 }
const DEATH = { from: 150, until: 180 }

/** How long after it happened the slowest isolate hears of anything. */
const LATE_MINUTES = 2

function conditionsAt(minute: number): z.input<typeof Conditions> {
  const drain = {
    state: 'drain' as const,
    drainFromMs: NOW_MS + DRAIN.from * MINUTE_MS,
    drainUntilMs: NOW_MS + DRAIN.until * MINUTE_MS,
  }
  const isDead = minute >= DEATH.from && minute < DEATH.until
  return {
    origins: {
      ...(minute >= DRAIN.from && { b: drain }),
      ...(isDead && { c: { health: 'unhealthy' as const } }),
    },
  }
}

/** An hour of this day is one of the keyring's days: keys rotate as often as they may. */
const HASTE = 24

function ringAfter(ring: Keyring, minute: number): Keyring {
  const letters = [minute % 26, Math.floor(minute / 26)].map((at) => String.fromCharCode(97 + at))
  const secret = toBase64url(new Uint8Array(32).fill(minute))
  const event = { type: 'rotate', fresh: { id: letters.join(''), secret } } as const
  return stepKeyring(ring, event, NOW_MS + minute * HASTE * MINUTE_MS)
}

/** What the control object has published in each minute. */
function publish(): Snapshot[] {
  const document = documentOf(CONFIG)
  const snapshots: Snapshot[] = []
  let ring: Keyring = []
  for (let minute = 0; minute < MINUTES; minute += 1) {
    ring = ringAfter(ring, minute)
    const keyring = ring.map((key) => {
      return { ...key, signsFromMs: NOW_MS + (key.signsFromMs - NOW_MS) / HASTE }
    })
    const conditions = Conditions.parse(conditionsAt(minute))
    snapshots.push(compile({ ...document, conditions, keyring }, snapshots.at(-1)))
  }
  return snapshots
}

const snapshots = publish()

interface Client {
  cookie: string
  origin: string
  /** The minutes in which it was moved. */
  readonly moves: number[]
}

const isolates = [0, 1, LATE_MINUTES].map((late) => ({ late, affinity: createAffinityMemory() }))

/** One request of a client, at one of the isolates. */
function visit(client: Client, minute: number, random: number): void {
  const isolate = isolates[Math.floor(random * isolates.length)]
  if (isolate === undefined) throw new Error('there is no isolate')
  const snapshot = snapshots[Math.max(0, minute - isolate.late)]
  const route = snapshot?.routes[0]
  if (!snapshot || !route) throw new Error('there is no snapshot')
  const nowMs = NOW_MS + minute * MINUTE_MS
  keysOf(isolate.affinity, snapshot.keyring)
  const found = readCookies(client.cookie, route, { memory: isolate.affinity, nowMs })
  const bond = found.token && { origin: found.token.origin, boundAtMs: found.token.boundAtMs }
  const facts = { ...factsOf(), nowMs, random: (random * 7919) % 1, ...(bond && { bond }) }
  const decision = decide(facts, snapshot, nothingSeen(snapshot))
  if (decision.type !== 'steer') throw new Error(`a client was lost: ${decision.type}`)
  // A dead origin answers nobody, whether the isolate knows or not: then the next one does.
  const isDead = minute >= DEATH.from && minute < DEATH.until
  const origin = decision.attempts.find(({ id }) => id !== 'c' || !isDead)
  if (origin === undefined) throw new Error('a client was lost: no origin has answered')
  const outcome = { origin, status: 200, response: new Response(null) }
  const place = { isolate, standing: { snapshot }, arrivedAtMs: nowMs }
  const session = { facts: bond ? { bond } : {}, token: found.token, hasOurs: found.hasOurs }
  const changes = toAnswerChanges(place, session, { facts, decision, outcome })
  if (client.origin !== '' && client.origin !== origin.id) client.moves.push(minute)
  client.origin = origin.id
  const [set] = changes?.cookies ?? []
  if (set !== undefined) client.cookie = set.slice(0, set.indexOf(';'))
}

it('keeps two thousand clients where they are, but for those that have to go, once', () => {
  const random = generator(11)
  const clients = Array.from({ length: CLIENTS }, (): Client => {
    return { cookie: '', origin: '', moves: [] }
  })
  const homes = new Map<Client, string>()
  for (let minute = 0; minute < MINUTES; minute += ROUND_MINUTES) {
    for (const client of clients)
      visit(client, minute + Math.floor(random() * ROUND_MINUTES), random())
    if (minute === 0) for (const client of clients) homes.set(client, client.origin)
  }
  const of = (id: string) => clients.filter((client) => homes.get(client) === id)
  for (const id of ORIGINS) expect(of(id).length).toBeGreaterThan(CLIENTS / 5 / 1.2)
  // Whose origin neither drained nor died has never moved, and nobody has moved without a reason.
  for (const id of ['a', 'd', 'e']) expect(of(id).flatMap(({ moves }) => moves)).toEqual([])
  // Clients of the one that drains leave in the last tenth of its time and at its end, not before.
  const drained = of('b')
  const firstMoves = drained.map(({ moves }) => moves[0] ?? 0)
  const leavesFrom = DRAIN.until - (DRAIN.until - DRAIN.from) / 10
  expect(Math.min(...firstMoves)).toBeGreaterThanOrEqual(leavesFrom)
  expect(clients.some(({ origin }) => origin === 'b')).toBe(false)
  // Those of the one that died leave while it is dead, and belong elsewhere from then on.
  for (const { moves } of of('c')) {
    expect(moves).toHaveLength(1)
    expect(moves[0]).toBeGreaterThanOrEqual(DEATH.from)
    expect(moves[0]).toBeLessThan(DEATH.until)
  }
  // Once for each reason: who left "b" for "c" has met both.
  const twice = clients.filter(({ moves }) => moves.length > 1)
  expect(twice.length).toBeGreaterThan(0)
  expect(twice.every((client) => client.moves.length === 2 && homes.get(client) === 'b')).toBe(true)
  // No token was refused on the way, though the keys have changed every hour.
  for (const { affinity } of isolates) {
    expect(affinity.counts).toMatchObject({ tampered: 0, expired: 0, foreign: 0 })
    expect(affinity.keys.inOrder.length).toBeGreaterThan(4)
  }
})

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
