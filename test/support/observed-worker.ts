import type { Env } from '../../src/env.ts'
import worker, { Control, Origin, Prober } from '../../src/worker.ts'

/** How a place behaves: as it is, failing at once, or never answering. */
export type PlaceMode = 'up' | 'down' | 'stalled'

/** What the Worker asked of its bindings, and how they behave. Both change while the isolate lives. */
const seen = { controlCalls: 0, storeReads: 0, storeWrites: 0 }
const modes: { control: PlaceMode; store: PlaceMode } = { control: 'up', store: 'up' }

export { Control, Origin, Prober }

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url)
    if (url.pathname !== '/_rig') return worker.fetch(request, observe(env), ctx)
    for (const place of ['control', 'store'] as const) {
      modes[place] = (url.searchParams.get(place) as PlaceMode | null) ?? modes[place]
    }
    return Response.json(seen)
  },
  scheduled: (controller, env) => worker.scheduled(controller, env),
} satisfies ExportedHandler<Env>

function observe(env: Env): Env {
  return { ...env, CONTROL: observeControl(env.CONTROL), SNAPSHOTS: observeStore(env.SNAPSHOTS) }
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
