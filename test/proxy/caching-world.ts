import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { residentsOf } from '../../src/cache/memory.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { createIsolate, type Isolate, standingOf } from '../../src/proxy/isolate.ts'
import { toClient } from '../../src/proxy/caching/give.ts'
import { passCached } from '../../src/proxy/caching/pass-cached.ts'
import { conclude, pass } from '../../src/proxy/pass.ts'
import type { Passage } from '../../src/proxy/passage.ts'
import type { Session } from '../../src/proxy/affinity/session.ts'
import { findRoute } from '../../src/core/decide.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, factsOf, requestOf, urlOf } from './builders.ts'

/** Lets the platform's `fetch` answer so, one after the other, and tells what was asked. */
export function stage(...answers: readonly Response[]): Headers[] {
  const asked: Headers[] = []
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    asked.push(new Headers(init.headers))
    const answer = answers[asked.length - 1]
    return answer ? Promise.resolve(answer) : Promise.reject(new Error('one call too many'))
  })
  return asked
}

/** What differs of a request. */
interface Difference {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly go?: (passage: Passage) => ReturnType<typeof pass>
}

/** One request, with all that goes on behind its answer: what the cache says of it. */
export async function ask(
  isolate: Isolate,
  snapshot: Snapshot,
  { method = 'GET', headers = {}, go = pass }: Difference = {},
): Promise<string> {
  const request = requestOf('/', { 'cf-connecting-ip': '203.0.113.7', ...headers }, { method })
  const ctx = createExecutionContext()
  const nowMs = Date.now()
  const answer = await go({
    request,
    env,
    ctx,
    headers: request.headers,
    identity: { requestId: 'r', isGiven: false },
    url: urlOf(request),
    via: null,
    isolate,
    standing: standingOf(isolate, snapshot, nowMs),
    arrivedAtMs: nowMs,
    outlives: false,
    isLocal: false,
  })
  if (!(answer instanceof Response)) return answer.type
  await answer.text()
  await waitOnExecutionContext(ctx)
  return answer.headers.get('cache-status')?.replace(/^.*?; |ttl=-?\d+; /g, '') ?? ''
}

/** The way of a request that is asked behind a stale answer, or has a session that its origin is told. */
export function goAs(difference: {
  isRenewal?: boolean
  session?: Session
}): NonNullable<Difference['go']> {
  return (passage) => {
    const { snapshot } = passage.standing
    const facts = factsOf(passage.request, snapshot)
    const found = findRoute(facts, snapshot)
    if (!found) throw new Error('no route')
    const { session, isRenewal = false } = difference
    const known = session ? { ...passage, session } : passage
    return passCached(known, facts, { found, onward: conclude, giver: toClient, isRenewal })
  }
}

/** One that has this snapshot, and has just looked for a newer one. */
export function isolateOf(snapshot: Snapshot): Isolate {
  const isolate = createIsolate()
  // Somebody else sees to reports and snapshots.
  isolate.reports.armedAtMs = Date.now()
  isolate.source.lookedAtMs = Date.now()
  isolate.source.snapshot = snapshot
  return isolate
}

/** Of what is asked for here, on the one route. */
export const KEY = 'all\nhttps://www.example.com/'

/** Memory alone. */
export const TIERS = { colo: false, kv: false }
/** One route with a cache of these tiers. */
export const snapshotWith = (tiers: object = TIERS) =>
  snapshotOf(configOf({ route: { cache: { tiers } } }))

/** A page with these headers. */
export const page = (headers: Record<string, string>) => new Response('page', { headers })

/** The one answer in memory. */
export function residentIn({ cache }: Isolate) {
  const [, resident] =
    [...residentsOf(cache.memory)].find(([, { type }]) => type === 'answer') ?? []
  if (resident?.type !== 'answer') throw new Error('nothing in memory')
  return resident
}
