import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { createIsolate, standingOf } from '../../src/proxy/isolate.ts'
import { pass } from '../../src/proxy/pass.ts'
import type { Passage } from '../../src/proxy/passage.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS, requestOf, urlOf } from './builders.ts'

type Route = NonNullable<Difference['route']>

/** A request that arrives at an isolate of its own, and lacks what every request has. */
function arriveAt(route: Route, missing?: keyof Passage): Passage {
  const isolate = createIsolate()
  const config = configOf({ route })
  const routes = route.respond ? { all: route } : (config.routes ?? {})
  const request = requestOf('/', { 'cf-connecting-ip': '203.0.113.7' })
  const passage: Passage = {
    request,
    env,
    ctx: createExecutionContext(),
    headers: request.headers,
    identity: { requestId: 'r', isGiven: false },
    url: urlOf(request),
    via: null,
    isolate,
    standing: standingOf(isolate, snapshotOf({ ...config, routes }), NOW_MS),
    arrivedAtMs: NOW_MS,
    outlives: false,
    isLocal: false,
  }
  return missing === undefined ? passage : { ...passage, [missing]: undefined }
}

const concurrency = { perAddress: 1 }

test.each<[string, keyof Passage, Route]>([
  ['it is sent', 'identity', { concurrency }],
  ['its session is asked for', 'env', { concurrency, affinity: { type: 'ip', store: 'durable' } }],
  [
    'it is counted',
    'ctx',
    { concurrency, rateLimits: { all: { windows: ['1/1s'], mode: 'global' } } },
  ],
])('a mistake of ours while %s takes no place for ever', async (_, missing, route) => {
  const passage = arriveAt(route, missing)
  for (let at = 0; at < 2; at += 1) {
    await expect(Promise.resolve(pass(passage))).rejects.toThrow(TypeError)
  }
  expect(passage.isolate.limits.slots.counts.size).toBe(0)
})

test('an answer of the router itself holds no place, and goes as it is', async () => {
  const respond = { body: 'x'.repeat(60_000) }
  const passage = arriveAt({ respond, concurrency: { perAddress: 1, perRoute: 1 } })
  const answers = [await pass(passage), await pass(passage)]
  expect(answers.map((answer) => answer instanceof Response && answer.status)).toEqual([200, 200])
  expect(passage.isolate.limits.slots.counts.size).toBe(0)
})
