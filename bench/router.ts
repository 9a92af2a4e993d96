import * as z from 'zod'
import { putConfig } from '../cli/admin-client.ts'
import { bundleWorker } from '../cli/bundle.ts'
import { readDeployment } from '../cli/deployment.ts'
import { RouteCacheCounts } from '../src/schema/cache-report.ts'
import type { AuthoredConfig } from '../src/schema/config.ts'
import type { BenchOrigin } from './origins.ts'
import { type RunningWorker, startWorker, type WorkerSpec } from './runtime.ts'

const TOKEN = 'bench'
const LONGEST_MS = 15_000
const PAUSE_MS = 50

/** This router on the bare runtime, without a configuration. */
export async function routerSpec(): Promise<WorkerSpec> {
  const deployment = readDeployment()
  return {
    name: 'router',
    module: await bundleWorker(),
    compatibilityDate: deployment.compatibility_date,
    compatibilityFlags: deployment.compatibility_flags,
    texts: { PORTOLAN_ADMIN_TOKEN: TOKEN },
    objects: Object.fromEntries(
      deployment.durable_objects.bindings.map(({ name, class_name }) => [name, class_name]),
    ),
    namespaces: deployment.kv_namespaces.map(({ binding }) => binding),
  }
}

/** What an operator writes of a route. */
export type Route = NonNullable<AuthoredConfig['routes']>[string]

/** What a router is set up with. */
export interface Setup {
  readonly config?: AuthoredConfig
  /** The cache of its data centre. */
  readonly cache?: RunningWorker | undefined
  /** Whether its heap is to be looked into. */
  readonly isInspected?: boolean
}

/** This router in front of the origins, set up through its admin API, resolved when requests reach an origin. */
export async function startRouter(
  origins: readonly BenchOrigin[],
  cores: string | undefined,
  { config = configOf(origins), cache, isInspected = false }: Setup = {},
): Promise<RunningWorker> {
  const running = await startWorker({ ...(await routerSpec()), cache, isInspected }, cores)
  const api = { url: `http://127.0.0.1:${running.port}/_portolan`, token: TOKEN }
  const answer = await putConfig(api, config, 'apply')
  if (!answer.ok) throw new Error(`the router took no configuration: ${answer.error}`)
  const deadline = Date.now() + LONGEST_MS
  while (!(await reachesOrigin(running.port))) {
    if (Date.now() > deadline) throw new Error('the router answers, but not from an origin')
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return running
}

const Status = z.object({
  isolate: z.object({ requests: z.int() }),
  cache: z.object({
    memory: z.object({ entries: z.int(), bytes: z.int(), evictions: z.int() }),
    routes: z.record(z.string(), RouteCacheCounts),
  }),
})

/** What a router with a cache has counted. */
export async function statusOf({ port }: RunningWorker): Promise<z.output<typeof Status>> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const response = await fetch(`http://127.0.0.1:${port}/_portolan/status`, { headers })
  return Status.parse(await response.json())
}

async function reachesOrigin(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/`)
  return response.ok && (await response.text()).startsWith('xxx')
}

/** The same weights as every contestant. Whatever is not said here is the default, as an operator would have it. */
export function configOf(origins: readonly BenchOrigin[]): AuthoredConfig {
  return {
    pools: {
      all: {
        origins: Object.fromEntries(
          origins.map(({ id, port, weight }) => [id, { url: `http://127.0.0.1:${port}`, weight }]),
        ),
      },
    },
    routes: { all: { steer: { policy: 'weighted', weights: { all: 1 } } } },
  }
}

/** The same with more, or something else, said of its one route. */
export function withRoute(config: AuthoredConfig, route: Partial<Route> = {}): AuthoredConfig {
  const all = config.routes?.['all']
  return all ? { ...config, routes: { ...config.routes, all: { ...all, ...route } } } : config
}
