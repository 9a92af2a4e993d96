import { expect, test } from 'vitest'
import { explain } from '../../src/core/explain.ts'
import { factsOf, observationsOf, snapshotOf } from '../support/builders.ts'

test('an explanation says what limits a route has', () => {
  const snapshot = snapshotOf({
    routes: {
      shop: {
        respond: {},
        rateLimits: {
          users: { key: { header: 'X-User' }, windows: ['10/1s', '300/1h'], burst: 20 },
          clients: { windows: ['100/1m'], mode: 'platform', binding: 'CLIENTS' },
          all: { key: 'route', windows: ['1000/1s'], mode: 'global' },
        },
        concurrency: { perRoute: 500 },
      },
    },
  })
  const { words } = explain(factsOf(), snapshot, observationsOf(snapshot))
  expect(words.slice(1, 5)).toEqual([
    'Limit users: 10 requests in 1 s (20 at once) and 300 requests in 3600 s, by header x-user, counted by each isolate for itself.',
    'Limit clients: 100 requests in 60 s, by address, counted by the platform in each location (CLIENTS).',
    'Limit all: 1000 requests in 1 s, by route, counted everywhere together.',
    'At the same time: 20 requests of an address and 500 of the route, in each isolate.',
  ])
  expect(snapshot.needs.headers).toEqual(['x-user'])
})
