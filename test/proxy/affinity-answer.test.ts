import { describe, expect, it } from 'vitest'
import { type AffinityToken, readToken, readWrote } from '../../src/core/affinity/token.ts'
import { compile } from '../../src/core/compile.ts'
import { decide } from '../../src/core/decide.ts'
import { nothingSeen } from '../../src/core/observation.ts'
import { type AnsweredCase, toAnswerChanges } from '../../src/proxy/affinity/answer.ts'
import { createAffinityMemory, keysOf } from '../../src/proxy/affinity/memory.ts'
import type { DurableSession, Session } from '../../src/proxy/affinity/session.ts'
import { Conditions } from '../../src/schema/condition.ts'
import { documentOf, factsOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS } from './builders.ts'

const MINUTE_MS = 60_000
const RING = [{ id: 'aaaaaaaa', secret: `${'A'.repeat(42)}A`, signsFromMs: 0 }]

interface Visit {
  readonly route?: NonNullable<Difference['route']>
  readonly token?: Partial<AffinityToken>
  /** Where the client belongs, where that is not what its token says. */
  readonly bond?: { readonly origin: string; readonly boundAtMs: number }
  readonly durable?: Partial<DurableSession>
  readonly unhealthy?: readonly string[]
  readonly method?: string
  readonly status?: number
  readonly answeredBy?: string
  readonly headers?: Readonly<Record<string, string>>
}

const COOKIE = { affinity: { type: 'cookie', ttl: '60m', idle: '20m' } } as const

/** What a request of a client comes to, when an origin has answered. */
function visit(about: Visit) {
  const { route = COOKIE, token, durable, unhealthy = [], method = 'GET', status = 200 } = about
  const health = unhealthy.map((id) => [id, { health: 'unhealthy' as const }])
  const conditions = Conditions.parse({ origins: Object.fromEntries(health) })
  const config = configOf({ origins: ['a', 'b', 'c'], route })
  const snapshot = compile({ ...documentOf(config), conditions, keyring: RING })
  const affinity = createAffinityMemory()
  const bound = token && tokenOf(token)
  const bond = about.bond ?? (bound && { origin: bound.origin, boundAtMs: bound.boundAtMs })
  const facts = { ...factsOf(), method, nowMs: NOW_MS, ...(bond && { bond }) }
  const decision = decide(facts, snapshot, nothingSeen(snapshot))
  if (decision.type !== 'steer') throw new Error(`not steered: ${decision.type}`)
  const { answeredBy = decision.attempts[0]?.id } = about
  const origin = snapshot.origins.find(({ id }) => id === answeredBy)
  if (origin === undefined) throw new Error('nobody has answered')
  const session: Session = {
    facts: bond ? { bond } : {},
    token: bound,
    hasOurs: bound !== undefined,
    ...(durable && { durable: { ...STRANGER, ...durable } }),
  }
  const response = new Response(null, { headers: about.headers ?? {} })
  const answered: AnsweredCase = { facts, decision, outcome: { origin, status, response } }
  const place = { isolate: { affinity }, standing: { snapshot }, arrivedAtMs: NOW_MS }
  const changes = toAnswerChanges(place, session, answered)
  const keys = keysOf(affinity, RING)
  const values = changes?.cookies.map((cookie) => cookie.slice(0, cookie.indexOf(';')).split('='))
  const told = Object.fromEntries(values ?? []) as Readonly<Record<string, string>>
  const read = readToken(told['portolan-all'] ?? '', 'portolan-all', keys)
  const wrote = readWrote(told['portolan-all-wrote'] ?? '', 'portolan-all-wrote', keys)
  return {
    token: read.ok ? read.token : undefined,
    hasWrote: wrote.ok,
    strips: changes?.strips,
    counts: affinity.counts,
  }
}

const STRANGER: DurableSession = {
  id: undefined,
  bond: undefined,
  outlives: false,
  answered: () => undefined,
}

/** Of a client that was bound to `b` and seen a minute ago, as far as nothing else is said. */
function tokenOf(difference: Partial<AffinityToken>): AffinityToken {
  const { boundAtMs = NOW_MS - MINUTE_MS, usedAtMs = boundAtMs } = difference
  const expiresAtMs = Math.min(boundAtMs + 60 * MINUTE_MS, usedAtMs + 20 * MINUTE_MS)
  return { origin: 'b', boundAtMs, usedAtMs, expiresAtMs, ...difference }
}

describe('the answer for a client', () => {
  it('that belongs nowhere binds it to whoever has answered', () => {
    const { token, counts } = visit({})
    expect(token).toEqual({
      origin: 'a',
      boundAtMs: NOW_MS,
      usedAtMs: NOW_MS,
      expiresAtMs: NOW_MS + 20 * MINUTE_MS,
    })
    expect(counts).toMatchObject({ bound: 1, kept: 0, moved: 0 })
    expect(visit({ answeredBy: 'c' }).token?.origin).toBe('c')
  })

  it('binds nobody where it counts as a failed attempt', () => {
    const route = { ...COOKIE, retry: { statuses: [503] } }
    const { token, counts } = visit({ route, status: 503 })
    expect([token, counts.bound]).toEqual([undefined, 0])
    expect(visit({ route, status: 500 }).token?.origin).toBe('a')
    const moved = visit({ route, status: 503, token: {}, answeredBy: 'c' })
    expect([moved.token, moved.counts.moved]).toEqual([undefined, 0])
  })

  it('that is where it belongs says nothing, but now and then that it still is', () => {
    const soon = visit({ token: { usedAtMs: NOW_MS - 4 * MINUTE_MS } })
    expect([soon.token, soon.counts.kept]).toEqual([undefined, 1])
    const boundAtMs = NOW_MS - 30 * MINUTE_MS
    const late = visit({ token: { boundAtMs, usedAtMs: NOW_MS - 5 * MINUTE_MS } })
    expect(late.token).toEqual({
      origin: 'b',
      boundAtMs,
      usedAtMs: NOW_MS,
      expiresAtMs: NOW_MS + 20 * MINUTE_MS,
    })
    // Its ttl ends the cookie before another quarter of the idle time: a new one would end no later.
    const last = { boundAtMs: NOW_MS - 50 * MINUTE_MS, usedAtMs: NOW_MS - 6 * MINUTE_MS }
    expect(
      visit({ token: { ...last, expiresAtMs: NOW_MS + 10 * MINUTE_MS } }).token,
    ).toBeUndefined()
  })

  it('whose origin is out binds it to another, or leaves it where it was', () => {
    const out = { token: {}, unhealthy: ['b'] }
    const moved = visit(out)
    expect(moved.token).toMatchObject({ origin: 'a', boundAtMs: NOW_MS })
    expect(moved.counts).toMatchObject({ moved: 1, bound: 0, kept: 0 })
    const route = { affinity: { ...COOKIE.affinity, failover: 'temporary' as const } }
    expect(visit({ ...out, route }).token).toBeUndefined()
  })

  it('that is served elsewhere for a while is told still where it belongs, lest it be forgotten', () => {
    const affinity = { ...COOKIE.affinity, failover: 'temporary' as const }
    const token = { boundAtMs: NOW_MS - 30 * MINUTE_MS, usedAtMs: NOW_MS - 6 * MINUTE_MS }
    const renewed = { origin: 'b', boundAtMs: token.boundAtMs, usedAtMs: NOW_MS }
    const lent = visit({ route: { affinity }, token, unhealthy: ['b'] })
    expect(lent.token).toMatchObject(renewed)
    expect(lent.counts).toMatchObject({ kept: 0, moved: 0, bound: 0 })
    // Its own was tried, and did not answer.
    expect(visit({ route: { affinity }, token, answeredBy: 'c' }).token).toMatchObject(renewed)
    const writes = { ...COOKIE, writes: { pool: 'main' } }
    const written = visit({ route: writes, token, method: 'POST', answeredBy: 'a' })
    expect(written.token).toMatchObject(renewed)
    const stranger = { ...token, origin: 'gone' }
    expect(visit({ route: writes, token: stranger, method: 'POST' }).token).toBeUndefined()
  })

  it('whose own origin was tried and failed binds it to the one that did answer', () => {
    expect(visit({ token: {}, answeredBy: 'c' }).token).toMatchObject({ origin: 'c' })
  })

  it('whose bond is none here binds it anew, and counts that', () => {
    const { token, counts } = visit({ token: { origin: 'gone' } })
    expect(token?.origin).toBe('a')
    expect(counts).toMatchObject({ foreign: 1, bound: 1, moved: 0 })
  })

  it('tells it what the session objects know better than its cookie', () => {
    const route = { affinity: { ...COOKIE.affinity, store: 'durable' as const } }
    const id = 'x'.repeat(22)
    const known = { route, token: { session: id }, durable: { id } }
    expect(visit(known).token).toBeUndefined()
    const boundAtMs = NOW_MS - 1000
    const rebound = visit({ ...known, bond: { origin: 'b', boundAtMs } })
    expect(rebound.token).toMatchObject({ origin: 'b', boundAtMs, session: id })
    const renamed = visit({ ...known, durable: { id: 'y'.repeat(22) } })
    expect(renamed.token).toMatchObject({ origin: 'b', session: 'y'.repeat(22) })
  })

  it('loses the header that is between router and origin alone, where it has one', () => {
    const durable = { strips: 'portolan-session-data' }
    expect(visit({ token: {}, durable }).strips).toBeUndefined()
    const headers = { 'portolan-session-data': 'eA' }
    expect(visit({ token: {}, durable, headers }).strips).toBe('portolan-session-data')
  })

  it('to a write says so, unless it has failed or nobody wants to know', () => {
    const write = { route: { writes: { pool: 'main', keep: '5s' } }, method: 'POST' }
    expect(visit(write).hasWrote).toBe(true)
    expect(visit({ ...write, status: 404 }).hasWrote).toBe(true)
    expect(visit({ ...write, status: 500 }).hasWrote).toBe(false)
    expect(visit({ ...write, method: 'GET' }).hasWrote).toBe(false)
    const unkept = { writes: { pool: 'main', keep: '0s' } }
    expect(visit({ ...write, route: unkept }).hasWrote).toBe(false)
  })
})
