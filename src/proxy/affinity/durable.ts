import { sessionKeyOf } from '../../core/affinity/session-key.ts'
import type { AffinityToken } from '../../core/affinity/token.ts'
import type { CompiledRoute } from '../../core/snapshot.ts'
import type { Affinity } from '../../schema/affinity.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Lifetime } from '../../state/session/session.ts'
import type { Passage } from '../passage.ts'
import { type CachedSession, dropSession, findSession, toCached } from './session-cache.ts'
import { drawSessionId, sessionKeyFor, sessionNameOf } from './session-key.ts'
import type { DurableSession } from './session.ts'
import { armTouches, type DurableCase, keepNew, noteUse, openAtShard } from './durable-calls.ts'
import { noteAnswer } from './durable-answer.ts'
import { handOverData } from './durable-data.ts'

/** What a request says of its client. */
export interface DurableSources {
  readonly facts: RequestFacts
  /** What its cookie says, on a route that sets one. */
  readonly token: AffinityToken | undefined
}

/**
 * The session of a client on a route that keeps them in the session objects. What this isolate knows already, it does
 * not ask for: an object is waited for when a key is seen for the first time, and when a cookie is that comes with data.
 */
export function openDurable(
  passage: Passage,
  route: CompiledRoute,
  { facts, token }: DurableSources,
): DurableSession | Promise<DurableSession> {
  const { affinity } = route.route
  if (affinity === undefined) return STRANGER
  const isByCookie = affinity.type === 'cookie' || affinity.type === 'ip-cookie'
  return isByCookie
    ? openByCookie(toCase(passage, route, affinity), token)
    : openByKey(toCase(passage, route, affinity), sessionKeyOf(affinity, facts))
}

const STRANGER: DurableSession = {
  id: undefined,
  bond: undefined,
  outlives: false,
  answered: () => undefined,
}

function toCase(passage: Passage, route: CompiledRoute, affinity: Affinity): DurableCase {
  return { passage, route, affinity, memory: passage.isolate.durable }
}

/** How long sessions of a route last. */
function lifetimeOf({ ttl, idle = ttl }: Affinity): Lifetime {
  return { ttlMs: ttl, idleMs: idle }
}

function openByKey(about: DurableCase, value: string | undefined): DurableSession {
  const { affinity, route, memory, passage } = about
  if (value === undefined) return toSession(about, { id: undefined, session: undefined })
  const name = sessionNameOf(route.id, affinity.type, value)
  const known = findSession(memory.cache, name, passage.arrivedAtMs)
  if (known && !known.isEnded) return toSession(about, { id: undefined, session: known })
  if (known) dropSession(memory.cache, known)
  return toUnknown(about, name)
}

/** A key that this isolate sees for the first time: the objects are asked as soon as there is a proposal. */
function toUnknown(about: DurableCase, name: string): DurableSession {
  const { arrivedAtMs } = about.passage
  let session: CachedSession | undefined
  let was: string | undefined
  const opened = toSession(about, { id: undefined, session: undefined })
  return {
    ...opened,
    outlives: true,
    async confirm({ affinity, attempts: [first] }) {
      // Writes go to their own pool, and say nothing of where a client belongs.
      if (!affinity?.binds || first === undefined) return undefined
      const key = sessionKeyFor(name)
      const lifetime = lifetimeOf(about.affinity)
      const bound = { origin: first.id, boundAtMs: arrivedAtMs, usedAtMs: arrivedAtMs }
      session = toCached({ name, key, lifetime, isHeld: false, ...bound })
      await openAtShard(about, session)
      was = session.origin
      if (session.origin !== first.id) about.memory.counts.outrun += 1
      return { origin: session.origin, boundAtMs: session.boundAtMs }
    },
    toOrigin: (headers) => handOverData(about, session, headers),
    answered: (answer) => noteAnswer(about, { session, was }, answer),
  }
}

function openByCookie(
  about: DurableCase,
  token: AffinityToken | undefined,
): DurableSession | Promise<DurableSession> {
  const { affinity, route, memory, passage } = about
  const id = token?.session
  if (token === undefined || id === undefined) return toNew(about, token)
  const name = sessionNameOf(route.id, affinity.type, id)
  const known = findSession(memory.cache, name, passage.arrivedAtMs)
  if (known === undefined) return toFirstSeen(about, { id, name, token })
  if (known.isEnded) return toNew(about, undefined)
  if (token.boundAtMs >= known.boundAtMs) follow(known, token)
  return toSession(about, { id, session: known })
}

/** Another isolate has moved the client, and told it so: of two bonds the later one holds, and of equal ones the cookie. */
function follow(known: CachedSession, { origin, boundAtMs }: AffinityToken): void {
  // The objects have not heard of it from here.
  if (known.origin !== origin) known.syncedAtMs = 0
  known.origin = origin
  known.boundAtMs = boundAtMs
}

interface FirstSeen {
  readonly id: string
  readonly name: string
  readonly token: AffinityToken
}

/** A client that this isolate sees for the first time. Its cookie says where it belongs; its data it does not have. */
function toFirstSeen(
  about: DurableCase,
  { id, name, token: { origin, boundAtMs } }: FirstSeen,
): DurableSession | Promise<DurableSession> {
  const { affinity, passage } = about
  const bound = { origin, boundAtMs, usedAtMs: passage.arrivedAtMs }
  const key = sessionKeyFor(name)
  const lifetime = lifetimeOf(affinity)
  const session = toCached({ name, key, lifetime, isHeld: true, ...bound })
  if (affinity.data) {
    return openAtShard(about, session).then(() =>
      session.isEnded ? toNew(about, undefined) : toSession(about, { id, session }),
    )
  }
  keepNew(about, session)
  return toSession(about, { id, session })
}

/** A client whose cookie names no session: it gets a name, and the objects hear of it when it has an answer. */
function toNew(about: DurableCase, token: AffinityToken | undefined): DurableSession {
  const id = drawSessionId()
  const bond = token && { origin: token.origin, boundAtMs: token.boundAtMs }
  const name = sessionNameOf(about.route.id, about.affinity.type, id)
  return {
    ...toSession(about, { id, session: undefined }),
    bond,
    outlives: true,
    answered(answer) {
      const { arrivedAtMs } = about.passage
      if (!isBoundBy(answer, about)) return
      const same = bond?.origin === answer.origin.id ? bond : undefined
      const { boundAtMs } = same ?? { boundAtMs: arrivedAtMs }
      const bound = { origin: answer.origin.id, boundAtMs, usedAtMs: arrivedAtMs }
      const lifetime = lifetimeOf(about.affinity)
      const key = sessionKeyFor(name)
      const session = toCached({ name, key, lifetime, isHeld: true, ...bound })
      keepNew(about, session)
      noteAnswer(about, { session, was: session.origin }, answer)
    },
  }
}

/** Whether an answer binds a client that belonged nowhere, or nowhere that the objects know. */
function isBoundBy(
  { decision: { affinity }, origin, status }: Parameters<DurableSession['answered']>[0],
  { route }: DurableCase,
): boolean {
  if (affinity === undefined) return false
  const { kept, left, binds } = affinity
  if (kept?.id === origin.id || left?.origin === origin.id) return true
  return binds && !route.route.retry.statuses.includes(status)
}

interface Known {
  readonly id: string | undefined
  readonly session: CachedSession | undefined
}

function toSession(about: DurableCase, { id, session }: Known): DurableSession {
  if (session) noteUse(about, session)
  const { data } = about.affinity
  const bond = session && { origin: session.origin, boundAtMs: session.boundAtMs }
  return {
    id,
    bond,
    outlives: armTouches(about),
    ...(data && { strips: data.header }),
    ...(data && { toOrigin: (headers: Headers) => handOverData(about, session, headers) }),
    answered: (answer) => noteAnswer(about, { session, was: bond?.origin }, answer),
  }
}
