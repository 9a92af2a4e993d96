import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { countsOf } from '../../src/cache/counts.ts'
import { changeOf } from '../../src/cache/invalidations.ts'
import { noteChange } from '../../src/proxy/caching/note-change.ts'
import type { PassingVisit } from '../../src/proxy/caching/visit.ts'
import { createIsolate, standingOf } from '../../src/proxy/isolate.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, factsOf, NOW_MS, requestOf, urlOf } from './builders.ts'

/** A request that changes something, on its way past the cache of an isolate of its own. */
function visitOf(method: string): PassingVisit {
  const isolate = createIsolate()
  const snapshot = snapshotOf(configOf({ route: { cache: {} } }))
  const request = new Request(requestOf('/cart').url, { method })
  const ctx = createExecutionContext()
  const standing = standingOf(isolate, snapshot, NOW_MS)
  const [route] = snapshot.routes
  const cached = standing.caches.get('all')
  if (!route || !cached) throw new Error('no route')
  const { headers } = request
  return {
    passage: {
      request,
      env,
      ctx,
      headers,
      identity: { requestId: 'r', isGiven: false },
      url: urlOf(request),
      via: null,
      isolate,
      standing,
      arrivedAtMs: NOW_MS,
      outlives: false,
      isLocal: false,
    },
    facts: factsOf(request, snapshot),
    found: { route, match: 0 },
    cached,
    engine: isolate.cache,
    counts: countsOf(isolate.cache.counts, 'all'),
    arrived: {
      method,
      url: urlOf(request),
      match: 0,
      country: undefined,
      header: (name) => headers.get(name) ?? undefined,
    },
    onward: () => ({ type: 'no-route' }),
    giver: {
      stored: () => new Response(),
      fetched: () => new Response(),
      spent: () => new Response(),
      passed: (_, response) => response,
    },
  }
}

/** Which of some paths of its host an answer makes void. */
async function changedBy(
  method: string,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const visit = visitOf(method)
  const { url } = visit.passage
  noteChange(visit, { type: 'unsafe', url }, { status, headers: new Headers(headers) })
  await waitOnExecutionContext(visit.passage.ctx as ExecutionContext)
  const { invalidations } = visit.engine
  return ['/cart', '/cart/7', '/total', '/elsewhere'].filter(
    (path) => changeOf(invalidations, { host: url.host, path, query: '' }) !== undefined,
  )
}

test('what changes something makes its own page void, and those that its answer points to', async () => {
  const here = `https://${urlOf(requestOf('/')).host}`
  expect(
    await changedBy('POST', 201, { location: '/cart/7', 'content-location': `${here}/total` }),
  ).toEqual(['/cart', '/cart/7', '/total'])
})

test.each([
  'https://other.example/elsewhere',
  '//other.example/elsewhere',
  'https://example.com:8443/elsewhere',
  'http://[broken',
])('a page of another origin it leaves alone: %s', async (location) => {
  expect(await changedBy('DELETE', 204, { location })).toEqual(['/cart'])
})

test.each([
  ['GET', 200],
  ['OPTIONS', 204],
  ['POST', 403],
  ['PUT', 500],
])('%s answered with %s changes nothing', async (method, status) => {
  expect(await changedBy(method, status, { location: '/cart/7' })).toEqual([])
})
