import { createRequire } from 'node:module'
import type * as miniflareModule from 'miniflare'
import type { Miniflare, MiniflareOptions } from 'miniflare'
import { bundleWorker } from './bundle.ts'
import type { Deployment } from './deployment.ts'

// Loaded as the CommonJS that it is: an import reads its six megabytes twice more, for their kind and their names.
const miniflare = createRequire(import.meta.url)('miniflare') as typeof miniflareModule

/** How to run the Worker on this machine. */
export interface RuntimeOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Where the objects and the KV namespace keep their state; without it they forget everything at the end. */
  readonly stateDir?: string
  /** Text bindings: the secrets and variables of the Worker. */
  readonly bindings: Readonly<Record<string, string>>
  readonly deployment: Deployment
  /** The bundled Worker, where the caller has it already. */
  readonly module?: string
  /** Receives what the Worker logs. */
  readonly onLog?: (level: string, message: string) => void
}

/** The Worker running in workerd. */
export interface Runtime {
  /** Where clients reach it: no Worker of the development tools stands in between. */
  readonly url: URL
  readonly miniflare: Miniflare
  /** Fires the scheduled handler with one of the crons of wrangler.toml, as the platform would. */
  fireCron(cron: string): Promise<void>
  dispose(): Promise<void>
}

/** The address asked for is in use. */
export class AddressInUseError extends Error {}

/**
 * Starts the Worker in the real runtime, bound to `host:port` only and without a look at the network. Rejects with
 * `AddressInUseError` when the port is taken.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const module = options.module ?? (await bundleWorker())
  const instance = new miniflare.Miniflare(toMiniflareOptions(options, module))
  try {
    await instance.ready
  } catch (error) {
    // Disposing of an instance that never got ready rejects with the same error again.
    await instance.dispose().catch(() => undefined)
    if (!isAddressInUse(error)) throw error
    throw new AddressInUseError(`${options.host}:${options.port} is in use`, { cause: error })
  }
  return {
    url: await instance.unsafeGetDirectURL(),
    miniflare: instance,
    async fireCron(cron) {
      const worker = await instance.getWorker()
      const { outcome } = await worker.scheduled({ cron })
      if (outcome !== 'ok') throw new Error(`the cron ${cron} ended with ${outcome}`)
    },
    dispose: () => instance.dispose(),
  }
}

function toMiniflareOptions(options: RuntimeOptions, module: string): MiniflareOptions {
  const { deployment } = options
  return {
    // This socket leads through Miniflare's entry Worker, which rewrites encodings and errors; it serves only
    // Miniflare's own calls. Clients use the direct socket below.
    host: '127.0.0.1',
    port: 0,
    cf: false,
    logRequests: false,
    // The registry would write to the home directory and connect Workers of other projects.
    enableDevRegistry: false,
    log: new miniflare.Log(miniflare.LogLevel.NONE),
    handleStructuredLogs: ({ level, message }) => options.onLog?.(level, message),
    ...(options.stateDir !== undefined && { resourcePersistencePath: options.stateDir }),
    workers: [
      {
        config: {
          name: deployment.name,
          compatibilityDate: deployment.compatibility_date,
          compatibilityFlags: deployment.compatibility_flags,
          manifest: {
            mainModule: 'worker.js',
            modules: { 'worker.js': { type: 'esm', contents: module } },
          },
          env: toEnv(options),
          exports: toExports(deployment),
        },
        dev: { unsafeDirectSockets: [{ host: options.host, port: options.port }] },
      },
    ],
  }
}

type WorkerConfig = NonNullable<MiniflareOptions['workers'][number]['config']>

function toEnv({ bindings, deployment }: RuntimeOptions): NonNullable<WorkerConfig['env']> {
  const env: NonNullable<WorkerConfig['env']> = {}
  for (const object of deployment.durable_objects.bindings) {
    env[object.name] = {
      type: 'durable-object',
      worker: deployment.name,
      exportName: object.class_name,
    }
  }
  for (const { binding } of deployment.kv_namespaces) env[binding] = { type: 'kv' }
  for (const { name, namespace_id: namespace, simple } of deployment.ratelimits) {
    env[name] = { type: 'rate-limit', namespace, simple }
  }
  for (const [binding, value] of Object.entries(bindings)) {
    env[binding] = { type: 'text', value }
  }
  return env
}

function toExports(deployment: Deployment): NonNullable<WorkerConfig['exports']> {
  return Object.fromEntries(
    deployment.durable_objects.bindings.map((object) => [
      object.class_name,
      { type: 'durable-object', storage: 'sqlite' } as const,
    ]),
  )
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE'
}
