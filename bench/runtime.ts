import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { bundleWorker } from '../cli/bundle.ts'
import { readDeployment } from '../cli/deployment.ts'
import { type Child, startChild } from './child.ts'
import { makeFolder } from './folder.ts'
import type { Listener } from './peers.ts'

/** A Worker and what it is bound to. */
export interface WorkerSpec {
  readonly name: string
  /** The bundled module. */
  readonly module: string
  readonly compatibilityDate: string
  readonly compatibilityFlags?: readonly string[]
  readonly texts?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, unknown>>
  /** Durable Objects by binding: the exported class. Kept on disk, with SQL. */
  readonly objects?: Readonly<Record<string, string>>
  /** KV namespaces: the bindings. */
  readonly namespaces?: readonly string[]
  /** What stands behind its Cache API; by default a Worker in the same process. */
  readonly cache?: RunningWorker | undefined
  /** Whether its heap is to be looked into. */
  readonly isInspected?: boolean
}

/** A Worker running in a workerd of its own. */
export interface RunningWorker extends Listener {
  /** From the start of the process until it listened. */
  readonly readyMs: number
  /** Where its inspector listens, for one that is inspected. */
  readonly inspectorPort: number | undefined
}

const workerdBinary = join(
  dirname(createRequire(import.meta.url).resolve('workerd/package.json')),
  'bin/workerd',
)

/** Bundles one of the Workers of this folder. */
export function bundleBenchWorker(name: string): Promise<string> {
  return bundleWorker(fileURLToPath(new URL(`workers/${name}-worker.ts`, import.meta.url)))
}

/**
 * Starts a Worker on the bare runtime: workerd itself, without the development server. What the platform gives and
 * workerd lacks, a KV namespace and a cache, small Workers in the same process stand in for.
 */
export async function startWorker(spec: WorkerSpec, cores?: string): Promise<RunningWorker> {
  const folder = makeFolder(spec.name)
  const [kv, cache] = await Promise.all([bundleBenchWorker('kv'), bundleBenchWorker('cache')])
  mkdirSync(join(folder, 'objects'))
  writeFileSync(join(folder, 'worker.js'), spec.module)
  writeFileSync(join(folder, 'kv.js'), kv)
  writeFileSync(join(folder, 'cache.js'), cache)
  writeFileSync(join(folder, 'config.capnp'), configOf(spec, folder))
  const startedMs = performance.now()
  const child = startChild(
    // Objects on local disk count as experimental.
    [
      workerdBinary,
      'serve',
      join(folder, 'config.capnp'),
      '--control-fd=3',
      '--experimental',
      ...(spec.isInspected ? ['--inspector-addr=127.0.0.1:0'] : []),
    ],
    cores,
  )
  const { port, inspectorPort } = await portsOf(child, spec.isInspected)
  const readyMs = performance.now() - startedMs
  child.stdout.resume()
  return { pid: child.pid, port, readyMs, inspectorPort, stop: () => child.stop() }
}

/** Starts the cache of a data centre in a process of its own. */
export async function startCache(cores?: string): Promise<RunningWorker> {
  const module = await bundleBenchWorker('cache')
  const { compatibility_date } = readDeployment()
  return startWorker({ name: 'cache', module, compatibilityDate: compatibility_date }, cores)
}

const ListenEvent = z.object({
  event: z.enum(['listen', 'listen-inspector']),
  port: z.int(),
})

async function portsOf(
  child: Child,
  isInspected = false,
): Promise<Pick<RunningWorker, 'port' | 'inspectorPort'>> {
  let port: number | undefined
  let inspectorPort: number | undefined
  for await (const line of createInterface({ input: child.control })) {
    const event = ListenEvent.safeParse(JSON.parse(line))
    if (event.data?.event === 'listen') port = event.data.port
    if (event.data?.event === 'listen-inspector') inspectorPort = event.data.port
    if (port !== undefined && (inspectorPort !== undefined || !isInspected)) {
      return { port, inspectorPort }
    }
  }
  throw new Error(`workerd does not listen: ${child.complaints()}`)
}

function configOf(spec: WorkerSpec, folder: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "kv", worker = .kv),
    ${toCacheService(spec)},
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "objects", disk = (path = ${quote(join(folder, 'objects'))}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${quote(spec.compatibilityDate)},
  compatibilityFlags = [${(spec.compatibilityFlags ?? []).map(quote).join(', ')}],
  bindings = [${bindingsOf(spec).join(', ')}],
  cacheApiOutbound = "cache",
  durableObjectNamespaces = [${Object.values(spec.objects ?? {})
    .map(toNamespace)
    .join(', ')}],
  durableObjectStorage = (localDisk = "objects"),
);
const kv :Workerd.Worker = (
  modules = [(name = "kv.js", esModule = embed "kv.js")],
  compatibilityDate = ${quote(spec.compatibilityDate)},
);
const cache :Workerd.Worker = (
  modules = [(name = "cache.js", esModule = embed "cache.js")],
  compatibilityDate = ${quote(spec.compatibilityDate)},
);
`
}

function toCacheService({ cache }: WorkerSpec): string {
  return cache === undefined
    ? '(name = "cache", worker = .cache)'
    : `(name = "cache", external = (address = "127.0.0.1:${cache.port}", http = ()))`
}

function bindingsOf({ texts, values, objects, namespaces }: WorkerSpec): string[] {
  return [
    ...Object.entries(texts ?? {}).map(([name, value]) =>
      toBinding(name, `text = ${quote(value)}`),
    ),
    ...Object.entries(values ?? {}).map(([name, value]) => {
      return toBinding(name, `json = ${quote(JSON.stringify(value))}`)
    }),
    ...Object.entries(objects ?? {}).map(([name, className]) => {
      return toBinding(name, `durableObjectNamespace = ${quote(className)}`)
    }),
    ...(namespaces ?? []).map((name) => toBinding(name, 'kvNamespace = "kv"')),
  ]
}

function toBinding(name: string, value: string): string {
  return `(name = ${quote(name)}, ${value})`
}

function toNamespace(className: string): string {
  return `(className = ${quote(className)}, uniqueKey = ${quote(className)}, enableSql = true)`
}

/** Cap'n Proto quotes text as JSON does, for everything that stands in these configurations. */
function quote(text: string): string {
  return JSON.stringify(text)
}
