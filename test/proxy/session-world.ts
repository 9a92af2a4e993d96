import { toAnswer, toCorrection } from '../../durable/session-answer.ts'
import type { OpenInput, TouchInput } from '../../durable/session-inputs.ts'
import type { AffinityToken } from '../../src/core/affinity/token.ts'
import { decideFor } from '../../src/core/decide.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Env } from '../../src/env.ts'
import { openDurable } from '../../src/proxy/affinity/durable.ts'
import { createIsolate, type Isolate, standingOf } from '../../src/proxy/isolate.ts'
import type { Passage } from '../../src/proxy/passage.ts'
import type * as z from 'zod'
import { openSession, type StoredSession } from '../../src/state/session/session.ts'
import { factsOf } from '../support/builders.ts'

/** A client with the cookie that it was told last. */
export interface Visitor {
  token: AffinityToken | undefined
}

/** Isolates in front of session objects that are nothing but their reducers. */
export interface SessionWorld {
  /** All sessions, by key. */
  readonly stored: Map<string, StoredSession>
  snapshot: Snapshot
  /** Whether the objects answer. */
  isUp: boolean
  calls: number
  /** How far the clock of the objects is ahead. */
  aheadMs: number
  /** A request as it comes to one of the isolates. */
  arrive(isolate: number): Passage
  /** A request at one of the isolates: which origin it goes to. */
  visit(visitor: Visitor, isolate: number): string
  /** Runs what isolates do in the background for one round. */
  round(): Promise<void>
}

type Touch = z.output<typeof TouchInput>
type Open = z.output<typeof OpenInput>

const NO_HEADERS = new Headers()
const FACTS = factsOf()

/** A world with so many isolates. `nowMs`: its clock, and `wait` what stands for the platform's. */
export function sessionWorldOf(first: Snapshot, count: number, clock: Clock): SessionWorld {
  const isolates = Array.from({ length: count }, createIsolate)
  const underWay = new Set<Promise<unknown>>()
  const world: SessionWorld = {
    stored: new Map(),
    snapshot: first,
    isUp: true,
    calls: 0,
    aheadMs: 0,
    arrive(at) {
      const isolate = isolates[at % count]
      if (!isolate) throw new Error('a world has isolates')
      return toPassage(isolate)
    },
    visit: (visitor, at) => visit(visitor, world.arrive(at)),
    async round() {
      clock.advance()
      // Calls follow each other: it is over when nobody has called for some turns.
      for (let quiet = 0, seen = world.calls; quiet < 3; quiet += 1) {
        await new Promise((resolve) => setTimeout(resolve))
        if (world.calls !== seen) quiet = 0
        seen = world.calls
      }
    },
  }

  function toPassage(isolate: Isolate): Passage {
    const arrivedAtMs = Date.now()
    const ctx = { waitUntil: (work: Promise<unknown>) => void underWay.add(work) }
    const standing = standingOf(isolate, world.snapshot, arrivedAtMs)
    const env = { SESSIONS: toNamespace(world) } as unknown as Env
    // What affinity looks at of a passage, and nothing else.
    return { isolate, standing, env, ctx, arrivedAtMs } as unknown as Passage
  }
  return world
}

/** Draws of chance that are the same on every run. */
export function drawing(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const draw = drawing(11)

/** What stands for time. */
export interface Clock {
  /** Lets a second go by, and wakes whoever waits for that. */
  advance(): void
}

function visit(visitor: Visitor, passage: Passage): string {
  const { arrivedAtMs: nowMs, standing } = passage
  const { snapshot, ledger } = standing
  const [route] = snapshot.routes
  if (!route) throw new Error('there is one route')
  const facts = { ...FACTS, nowMs, random: draw() }
  const durable = openDurable(passage, route, { facts, token: visitor.token })
  if (durable instanceof Promise) throw new Error('no cookie without data waits for an object')
  const { bond, id: session } = durable
  const inputs = { facts: bond ? { ...facts, bond } : facts, snapshot, observations: ledger }
  const decision = decideFor({ route, match: 0 }, inputs)
  if (decision.type !== 'steer') throw new Error(`nobody may serve: ${decision.type}`)
  const [origin] = decision.attempts
  if (!origin) throw new Error('a decision to steer has attempts')
  durable.answered({ origin, status: 200, headers: NO_HEADERS, decision })
  // As the cookie is told.
  const isBound = bond?.origin !== origin.id && decision.affinity?.binds === true
  const told = isBound ? { origin: origin.id, boundAtMs: nowMs } : bond
  if (told?.origin === origin.id && session !== undefined) {
    visitor.token = { ...told, session, usedAtMs: nowMs, expiresAtMs: Infinity }
  }
  return origin.id
}

/** The session objects: one for all keys, as far as anybody can tell. */
function toNamespace(world: SessionWorld): DurableObjectNamespace {
  const { stored } = world
  const open = (item: Open): StoredSession => {
    const next = openSession(stored.get(item.key), item, Date.now() + world.aheadMs)
    stored.set(item.key, next)
    return next
  }
  const namespace = {
    idFromName: (name: string) => name,
    get: () => ({
      async fetch(url: string, { body }: { readonly body: string }) {
        world.calls += 1
        if (!world.isUp) throw new Error('away')
        const input: unknown = JSON.parse(body)
        const value = url.endsWith('/touch')
          ? {
              items: (input as Touch).items.flatMap((item) =>
                toCorrection({ ...item, dataAtMs: 0 }, open(item)),
              ),
            }
          : toAnswer(open(input as Open))
        return Response.json({ ok: true, value })
      },
    }),
  }
  return namespace as unknown as DurableObjectNamespace
}
