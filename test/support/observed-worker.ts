import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Env } from '../../src/env.ts'
import { createIsolate } from '../../src/proxy/isolate.ts'
import { serve } from '../../src/proxy/serve.ts'
import type { PassiveReport } from '../../src/schema/report.ts'
import worker, { Control, Limiter, Origin, Prober, Sessions, Shield } from '../../src/worker.ts'

/** How a place behaves: as it is, failing at once, or never answering. */
export type PlaceMode = 'up' | 'down' | 'stalled'

/** What the Worker can be deprived of. */
export type Place = 'control' | 'store' | 'origin' | 'sessions' | 'limiter' | 'colo' | 'kv'

/** A report on traffic to the object of an origin. */
export interface ObservedReport {
  readonly atMs: number
  readonly origin: string
  readonly report: PassiveReport
}

/** What the Worker asked of its bindings, and how they behave. Both change while the isolate lives. */
const seen = {
  controlCalls: 0,
  storeReads: 0,
  storeWrites: 0,
  /** To shards of sessions, by method. */
  sessionCalls: {} as Record<string, number>,
  limiterCalls: 0,
  /** Of the cache's answers, not of snapshots. */
  coloReads: 0,
  kvReads: 0,
  kvWrites: 0,
  /** Every report on traffic, with the time at which its call began. */
  reports: [] as ObservedReport[],
}
/** Sends a request to another isolate of the same data centre: it has seen nothing of what the first has seen. */
const ISOLATE_HEADER = 'rig-isolate'
const second = createIsolate()

const modes: Record<Place, PlaceMode> = {
  control: 'up',
  store: 'up',
  origin: 'up',
  sessions: 'up',
  limiter: 'up',
  colo: 'up',
  kv: 'up',
}

export { Control, Limiter, Origin, Prober, Sessions, Shield }

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url)
    if (request.headers.get(ISOLATE_HEADER) === 'second') {
      const observed = { ...env, ...observeShared(env) }
      return serve(second, { request, env: observed, ctx }, async () => Response.json({}))
    }
    if (url.pathname !== '/_rig') return worker.fetch(request, observe(env), ctx)
    for (const place of Object.keys(modes) as Place[]) {
      modes[place] = (url.searchParams.get(place) as PlaceMode | null) ?? modes[place]
    }
    return Response.json({ ...seen, second: standingsOf(second.source.snapshot) })
  },
  scheduled: (controller, env) => worker.scheduled(controller, env),
} satisfies ExportedHandler<Env>

function observe(env: Env): Env {
  return {
    ...env,
    CONTROL: observeControl(env.CONTROL),
    ORIGIN: observeOrigins(env.ORIGIN),
    ...observeShared(env),
    SNAPSHOTS: observeStore(env.SNAPSHOTS),
  }
}

/** What both isolates ask; with a rate limit of the platform, as a deployment would add one. */
function observeShared(
  env: Env,
): Pick<Env, 'SESSIONS' | 'LIMITER' | 'CACHE'> & Record<'CLIENTS', RateLimit> {
  return {
    CACHE: observeKv(env.CACHE),
    SESSIONS: observeSessions(env.SESSIONS),
    LIMITER: observeLimiter(env.LIMITER),
    CLIENTS: env.AUTH_FAILURES,
  }
}

/** Why each origin may not serve by a snapshot alone; empty where it may. */
function standingsOf(snapshot: Snapshot | undefined): Record<string, string> {
  const standings = snapshot?.origins.map(({ id, standing }) => [id, standing?.type ?? ''] as const)
  return Object.fromEntries(standings ?? [])
}

type Call = RequestInit & { readonly body: string }

function observeOrigins(namespace: DurableObjectNamespace): DurableObjectNamespace {
  return intercept(namespace, 'get', (id: DurableObjectId) =>
    intercept(namespace.get(id), 'fetch', async (input: string, init: Call) => {
      if (input.endsWith('/passed')) {
        const said = JSON.parse(init.body) as Omit<ObservedReport, 'atMs'>
        seen.reports.push({ atMs: Date.now(), ...said })
      }
      await pass(modes.origin)
      return namespace.get(id).fetch(input, init)
    }),
  )
}

function observeSessions(namespace: DurableObjectNamespace): DurableObjectNamespace {
  return intercept(namespace, 'get', (id: DurableObjectId) =>
    intercept(namespace.get(id), 'fetch', async (input: string, init: RequestInit) => {
      const method = input.slice(input.lastIndexOf('/') + 1)
      seen.sessionCalls[method] = (seen.sessionCalls[method] ?? 0) + 1
      await pass(modes.sessions)
      return namespace.get(id).fetch(input, init)
    }),
  )
}

function observeLimiter(namespace: DurableObjectNamespace): DurableObjectNamespace {
  return intercept(namespace, 'get', (id: DurableObjectId) =>
    intercept(namespace.get(id), 'fetch', async (input: string, init: RequestInit) => {
      seen.limiterCalls += 1
      await pass(modes.limiter)
      return namespace.get(id).fetch(input, init)
    }),
  )
}

function observeControl(namespace: DurableObjectNamespace): DurableObjectNamespace {
  return intercept(namespace, 'get', (id: DurableObjectId) =>
    intercept(namespace.get(id), 'fetch', async (input: string, init: RequestInit) => {
      seen.controlCalls += 1
      await pass(modes.control)
      return namespace.get(id).fetch(input, init)
    }),
  )
}

function observeStore(store: KVNamespace): KVNamespace {
  const reading = intercept(store, 'get', async (key: string, options: { type: 'json' }) => {
    seen.storeReads += 1
    await pass(modes.store)
    return store.get(key, options)
  })
  return intercept(reading, 'put', async (key: string, value: string) => {
    seen.storeWrites += 1
    await pass(modes.store)
    return store.put(key, value)
  })
}

function observeKv(kv: KVNamespace): KVNamespace {
  const reading = intercept(kv, 'get', async (key: string, options: { type: 'stream' }) => {
    seen.kvReads += 1
    await pass(modes.kv)
    return kv.get(key, options)
  })
  const put: KVNamespace['put'] = async (...given) => {
    seen.kvWrites += 1
    await pass(modes.kv)
    return kv.put(...given)
  }
  return intercept(reading, 'put', put)
}

const platform = caches

Object.defineProperty(globalThis, 'caches', {
  value: intercept(platform, 'open', async (name: string) => {
    const cache = await platform.open(name)
    if (name !== 'portolan-answers') return cache
    const match: Cache['match'] = async (...given) => {
      seen.coloReads += 1
      await pass(modes.colo)
      return cache.match(...given)
    }
    const put: Cache['put'] = async (...given) => {
      await pass(modes.colo)
      return cache.put(...given)
    }
    return intercept(intercept(cache, 'match', match), 'put', put)
  }),
})

/** The same object with one method replaced; the platform's objects insist on their own `this`. */
function intercept<Target extends object>(
  target: Target,
  name: keyof Target,
  method: unknown,
): Target {
  return new Proxy(target, {
    get(from, property) {
      if (property === name) return method
      const value: unknown = Reflect.get(from, property, from)
      return typeof value === 'function' ? value.bind(from) : value
    },
  })
}

async function pass(mode: PlaceMode): Promise<void> {
  if (mode === 'down') throw new Error('the place is away')
  if (mode === 'stalled') await new Promise(() => undefined)
}
