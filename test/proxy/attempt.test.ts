import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { attempt } from '../../src/proxy/attempt.ts'
import { createIsolate, standingOf } from '../../src/proxy/isolate.ts'
import { openAttempt } from '../../src/proxy/origin-record.ts'
import { toOutgoing } from '../../src/proxy/outgoing.ts'
import { toEmptyReplay } from '../../src/proxy/replay.ts'
import type { Trip } from '../../src/proxy/trip.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, decisionOf, type Difference, factsOf, requestOf, urlOf } from './builders.ts'

/** What an origin does when it is asked: an answer, an error as the runtime throws it, or nothing. */
type Behaviour = Response | Error | 'stalls'

/** Lets the platform's `fetch` behave so, call by call, and tells which hosts were asked. */
function stage(...behaviours: readonly Behaviour[]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    const behaviour = behaviours[asked.length]
    asked.push(new URL(url).hostname.replace('.example.com', ''))
    if (behaviour === 'stalls') return new Promise(() => undefined)
    return behaviour instanceof Response
      ? Promise.resolve(behaviour)
      : Promise.reject(behaviour ?? new Error('one call too many'))
  })
  return asked
}

function tripOf(difference: Difference, init: RequestInit = {}): Trip {
  const request = requestOf('/', {}, init)
  const snapshot = snapshotOf(configOf(difference))
  const isolate = createIsolate()
  // Somebody else sees to the reports.
  isolate.reports.armedAtMs = Date.now()
  const standing = standingOf(isolate, snapshot, Date.now())
  const facts = factsOf(request, snapshot)
  const decision = decisionOf(facts, snapshot, standing.ledger)
  const { headers, method } = request
  const passage = {
    request,
    env: {},
    ctx: { waitUntil: () => undefined },
    headers,
    isolate,
    standing,
    url: urlOf(request),
    via: null,
    identity: { requestId: 'r', isGiven: false },
    arrivedAtMs: Date.now(),
    outlives: false,
    isLocal: false,
  } as unknown as Trip['passage']
  const replay = toEmptyReplay(passage, method, decision.route.route.retry)
  const outgoing = toOutgoing(passage, { facts, decision, replay })
  return { passage, decision, outgoing, options: undefined }
}

const lost = () => new Error('Network connection lost.')
const answer = (status: number, headers = {}) => new Response(String(status), { status, headers })
const quick = { backoff: '1ms' }

afterEach(() => vi.unstubAllGlobals())

describe('the next origin is tried', () => {
  it.each([502, 503, 504])('after a %i', async (status) => {
    const asked = stage(answer(status), answer(200))
    const outcome = await attempt(tripOf({ origins: ['a', 'b'] }))
    expect(asked).toEqual(['a', 'b'])
    expect(outcome).toMatchObject({ type: 'answer', status: 200, attempts: 2 })
  })

  it('after a connection that fails, and after one that stalls', async () => {
    const asked = stage(lost(), 'stalls', answer(200))
    const route = { timeouts: { firstByte: '20ms' } }
    const outcome = await attempt(tripOf({ origins: ['a', 'b', 'c'], route }))
    expect(asked).toEqual(['a', 'b', 'c'])
    expect(outcome).toMatchObject({ type: 'answer', status: 200, attempts: 3 })
  })

  it('for a POST not at all', async () => {
    const asked = stage(lost(), answer(200))
    const outcome = await attempt(tripOf({ origins: ['a', 'b'] }, { method: 'POST' }))
    expect(asked).toEqual(['a'])
    expect(outcome).toMatchObject({ type: 'failed', failure: { type: 'no-answer' } })
  })

  it.each([200, 404, 500])('not after a %i', async (status) => {
    const asked = stage(answer(status))
    await attempt(tripOf({ origins: ['a', 'b'] }))
    expect(asked).toEqual(['a'])
  })
})

const capped = (name: string) => ({ url: `https://${name}.example.com`, maxConnections: 1 })

/** Takes the one place that an origin has. */
function fill({ passage }: Trip, at: number): void {
  const record = passage.standing.ledger.origins[at]
  if (!record) throw new Error('no origin')
  openAttempt(record)
}

describe('an origin that was filled since the decision', () => {
  it('is passed over for the next one', async () => {
    const asked = stage(answer(200))
    const trip = tripOf({ pool: { origins: { a: capped('a'), b: capped('b') } } })
    fill(trip, 0)
    const outcome = await attempt(trip)
    expect(asked).toEqual(['b'])
    expect(outcome).toMatchObject({ type: 'answer', origin: { id: 'b' } })
  })

  it('is not asked when there is no other', async () => {
    const asked = stage(answer(200))
    const trip = tripOf({ pool: { origins: { a: capped('a') } } })
    fill(trip, 0)
    const failure = { type: 'full', route: 'all', retryAfterMs: 10_000 }
    expect(await attempt(trip)).toMatchObject({ type: 'failed', failure, attempts: 0 })
    expect(asked).toEqual([])
  })

  it('is passed over by a retry, which may have the place of the attempt before it', async () => {
    const asked = stage(answer(503), answer(200))
    const pool = { origins: { a: capped('a'), b: capped('b') } }
    const trip = tripOf({ pool, route: { retry: quick } })
    fill(trip, 1)
    expect(await attempt(trip)).toMatchObject({ type: 'answer', status: 200, attempts: 2 })
    expect(asked).toEqual(['a', 'a'])
  })
})

describe('the same origin is tried again', () => {
  it('when there is no other', async () => {
    const asked = stage(lost(), answer(503), answer(200))
    const outcome = await attempt(tripOf({ origins: ['a'], route: { retry: quick } }))
    expect(asked).toEqual(['a', 'a', 'a'])
    expect(outcome).toMatchObject({ type: 'answer', status: 200, attempts: 3 })
  })

  it('not before the pause that it has asked for', async () => {
    const asked = stage(answer(503, { 'retry-after': '5' }))
    const outcome = await attempt(tripOf({ origins: ['a'], route: { retry: quick } }))
    expect(asked).toEqual(['a'])
    expect(outcome).toMatchObject({ type: 'answer', status: 503 })
  })

  it('not even when it asked for the pause before another was tried', async () => {
    const asked = stage(answer(503, { 'retry-after': '5' }), lost())
    await attempt(tripOf({ origins: ['a', 'b'], route: { retry: quick } }))
    expect(asked).toEqual(['a', 'b'])
  })

  it('not after it has stalled', async () => {
    const asked = stage('stalls')
    const route = { retry: quick, timeouts: { firstByte: '20ms' } }
    const outcome = await attempt(tripOf({ origins: ['a'], route }))
    expect(asked).toEqual(['a'])
    expect(outcome).toMatchObject({ failure: { type: 'timeout', timeoutMs: 20 } })
  })
})

describe('attempts end', () => {
  it('with the last answer, when there are none left', async () => {
    stage(answer(503), answer(502))
    const outcome = await attempt(
      tripOf({ origins: ['a', 'b'], route: { retry: { attempts: 2 } } }),
    )
    expect(outcome).toMatchObject({ type: 'answer', status: 502, attempts: 2 })
  })

  it('when the budget of the route is spent', async () => {
    const asked = stage(answer(503), answer(200))
    const retry = { budget: 0, minRetriesPerSecond: 0 }
    const trip = tripOf({ origins: ['a', 'b'], route: { retry } })
    expect(await attempt(trip)).toMatchObject({ type: 'answer', status: 503 })
    expect(asked).toEqual(['a'])
    expect(trip.passage.isolate.retriesDenied).toBe(1)
  })

  it('when the time of the whole is over', async () => {
    const asked = stage('stalls', answer(200))
    const timeouts = { firstByte: '1s', total: '20ms' }
    const outcome = await attempt(tripOf({ origins: ['a', 'b'], route: { timeouts } }))
    expect(asked).toEqual(['a'])
    expect(outcome).toMatchObject({ failure: { type: 'timeout' } })
  })

  it('when the time of the whole is over, though the clock has stood still', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const asked = stage('stalls', answer(200))
    const timeouts = { firstByte: '1s', total: '20ms' }
    await attempt(tripOf({ origins: ['a', 'b'], route: { timeouts } }))
    expect(asked).toEqual(['a'])
  })

  it('with an error of this program where the request cannot be made at all', async () => {
    stage(new TypeError('Invalid header value.'))
    const trip = tripOf({ origins: ['a', 'b'] })
    await expect(attempt(trip)).rejects.toThrow('Invalid header value.')
    expect(trip.passage.standing.ledger.origins[0]?.failures).toBe(0)
  })
})
