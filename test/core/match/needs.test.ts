import { expect, it } from 'vitest'
import { needsOf } from '../../../src/core/match/needs.ts'
import { routesOf } from './routes.ts'

it('needs each name that a match asks for once, and none of a disabled route', () => {
  const routes = routesOf({
    first: {
      match: [
        { headers: { 'X-B': '1', accept: { present: true } }, cookies: { Beta: '1' } },
        { headers: { 'x-b': '2' }, query: { v: '2' }, userAgent: ['bot'] },
      ],
    },
    second: { match: { headers: { 'x-b': { present: true } }, cookies: { beta: '1' } } },
    off: { match: { headers: { 'x-off': '1' }, query: { off: '1' } }, enabled: false },
    plain: {},
  })
  expect(needsOf(routes)).toEqual({
    headers: ['accept', 'user-agent', 'x-b'],
    cookies: ['Beta', 'beta'],
    query: ['v'],
  })
})
