import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { bundleWorker } from '../../cli/bundle.ts'
import { readDeployment } from '../../cli/deployment.ts'
import { startRuntime } from '../../cli/runtime.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the Worker of dns-worker.ts listens. */
    readonly dnsWorker: string
  }
}

const entry = fileURLToPath(new URL('./dns-worker.ts', import.meta.url))

/** Starts one runtime for all tests of DNS providers; it ends with the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { compatibility_date, compatibility_flags } = readDeployment()
  const runtime = await startRuntime({
    host: '127.0.0.1',
    port: 0,
    module: await bundleWorker(entry),
    bindings: {},
    deployment: {
      name: 'dns',
      compatibility_date,
      compatibility_flags,
      durable_objects: { bindings: [] },
      kv_namespaces: [],
      ratelimits: [],
      triggers: { crons: [] },
    },
  })
  project.provide('dnsWorker', runtime.url.href)
  return () => runtime.dispose()
}
