import * as z from 'zod'
import type { SessionView } from '../../durable/session-methods.ts'
import type { CallError } from '../../durable/wire.ts'
import {
  SessionBody,
  SessionQuery,
  SessionReport,
  SessionTotals,
  SessionValue,
} from '../schema/session.ts'
import { json } from './answer.ts'
import { findDocument } from './document.ts'
import { SMALL_BODY } from './move.ts'
import { type Operation, operation } from './operation.ts'
import { refuse } from './problem-details.ts'
import { countSessions } from './session-counts.ts'
import { findSessionPlace, type SessionPlace, toSharding } from './session-place.ts'

const params = z.strictObject({ key: SessionValue })
const refusals = ['not-found', 'conflict', 'no-configuration', 'sessions-unavailable'] as const
const answers = { 200: { description: 'The session as it stands now.', schema: SessionReport } }

/** `/v1/sessions`: who belongs where, on routes that keep their sessions in the session objects. */
export const sessionOperations: readonly Operation[] = [
  operation({
    id: 'countSessions',
    method: 'GET',
    path: '/v1/sessions',
    scope: 'read',
    summary: 'Counts the durable sessions by origin',
    answers: { 200: { description: 'Over all shards.', schema: SessionTotals } },
    refusals: ['no-configuration'],
    async handle({ deps }) {
      const found = await findDocument(deps)
      if (!found.ok) return found.refusal
      return json(await countSessions(toSharding(found.value), deps))
    },
  }),
  operation({
    id: 'getSession',
    method: 'GET',
    path: '/v1/sessions/{key}',
    // Not "read": what is kept with a session is the application's own.
    scope: 'operate',
    summary: 'Tells where a client belongs, and what is kept with its session',
    params,
    query: SessionQuery,
    answers,
    refusals,
    async handle({ params: { key: value }, query: { route }, deps }) {
      const place = await findSessionPlace({ route, value }, deps)
      if (!place.ok) return place.refusal
      const { key, shard, former } = place.value
      const called = await deps.sessions(shard).call('find', { key, former: [...former] })
      if (!called.ok) return refuseShard(called.error)
      return answer(route, place.value, called.value)
    },
  }),
  operation({
    id: 'putSession',
    method: 'PUT',
    path: '/v1/sessions/{key}',
    scope: 'operate',
    summary: 'Moves a client to an origin, or sets what is kept with its session',
    description:
      'Isolates that know the session learn of it when they next tell of its use: within 30 s, or a quarter of its ' +
      'idle time where that is shorter.',
    params,
    query: SessionQuery,
    body: { schema: SessionBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers,
    refusals,
    async handle({ params: { key: value }, query: { route }, body, deps }) {
      const place = await findSessionPlace({ route, value }, deps)
      if (!place.ok) return place.refusal
      const { key, shard, former, lifetime, origins } = place.value
      if (body.origin !== undefined && !origins.has(body.origin)) {
        return refuse('conflict', `"${body.origin}" is no origin of the route "${route}"`)
      }
      const input = { ...body, key, lifetime, former: [...former] }
      const called = await deps.sessions(shard).call('put', input)
      if (!called.ok) return refuseShard(called.error)
      return answer(route, place.value, called.value)
    },
  }),
  operation({
    id: 'endSession',
    method: 'DELETE',
    path: '/v1/sessions/{key}',
    scope: 'operate',
    summary: 'Ends a session: its client is bound anew, and what was kept with it is gone',
    description: 'Isolates learn of it as of a session that was moved.',
    params,
    query: SessionQuery,
    answers: { 204: { description: 'It is over.' } },
    refusals,
    async handle({ params: { key: value }, query: { route }, deps }) {
      const place = await findSessionPlace({ route, value }, deps)
      if (!place.ok) return place.refusal
      const { key, shard, former, lifetime } = place.value
      const called = await deps.sessions(shard).call('end', { key, lifetime, former: [...former] })
      if (!called.ok) return refuseShard(called.error)
      return called.value.found ? new Response(null, { status: 204 }) : refuseUnknown(route)
    },
  }),
]

function answer(route: string, { shard }: SessionPlace, view: SessionView | null): Response {
  return view === null ? refuseUnknown(route) : json({ route, ...view, shard })
}

function refuseUnknown(route: string): Response {
  return refuse('not-found', `the route "${route}" has no session by this key`)
}

function refuseShard({ message }: CallError): Response {
  return refuse('sessions-unavailable', message, { headers: { 'retry-after': '5' } })
}
