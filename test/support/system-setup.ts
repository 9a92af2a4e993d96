import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { bundleWorker } from '../../cli/bundle.ts'
import { type Deployment, readDeployment } from '../../cli/deployment.ts'

/** The Worker as it is deployed, and once more with its bindings under observation. */
export interface BuiltWorker {
  readonly plain: string
  readonly observed: string
  readonly deployment: Deployment
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly builtWorker: BuiltWorker
  }
}

const observedEntry = fileURLToPath(new URL('./observed-worker.ts', import.meta.url))

/** Builds the Worker once for all files of the system tests. */
export async function setup(project: TestProject): Promise<void> {
  const [plain, observed] = await Promise.all([bundleWorker(), bundleWorker(observedEntry)])
  project.provide('builtWorker', { plain, observed, deployment: readDeployment() })
}
