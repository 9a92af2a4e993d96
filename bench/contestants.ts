import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readDeployment } from '../cli/deployment.ts'
import { versionOf } from './child.ts'
import type { BenchOrigin } from './origins.ts'
import { type Listener, startHaproxy, startNginx } from './peers.ts'
import { startRouter } from './router.ts'
import { bundleBenchWorker, startWorker, type WorkerSpec } from './runtime.ts'

/** Someone who proxies to the origins, or pretends to. */
export interface Contestant {
  readonly name: string
  start(origins: readonly BenchOrigin[], cores: string | undefined): Promise<Listener>
}

/** Everyone who takes part on this machine, and a line for each who does not. */
export interface Field {
  readonly contestants: readonly Contestant[]
  readonly absences: readonly string[]
}

/** The names by which results are looked up. */
export const NAMES = {
  router: 'this router',
  bare: 'bare pass-through',
  balancer: 'naive balancer (4 headers)',
  reflare: 'reflare',
  constant: 'a constant, no origin',
  nginx: 'nginx',
  haproxy: 'HAProxy',
} as const

/**
 * Gathers the field: the Workers always, nginx and HAProxy where they are installed; and the routers of other
 * checkouts, by their folders.
 */
export function gatherField(besides: readonly string[]): Field {
  const peers = [
    { name: NAMES.nginx, program: 'nginx', start: startNginx },
    { name: NAMES.haproxy, program: 'haproxy', start: startHaproxy },
  ]
  const present = peers.filter(({ program }) => versionOf(program, '-v') !== undefined)
  const hasRouter = existsSync(new URL('../src/worker.ts', import.meta.url))
  return {
    contestants: [
      ...(hasRouter ? [{ name: NAMES.router, start: startRouter }] : []),
      benchWorker(NAMES.bare, 'bare'),
      benchWorker(NAMES.balancer, 'balancer'),
      benchWorker(NAMES.reflare, 'reflare'),
      benchWorker(NAMES.constant, 'constant'),
      ...present,
      ...besides.map(routerIn),
    ],
    absences: peers
      .filter((peer) => !present.includes(peer))
      .map(({ name, program }) => `${name} skipped: ${program} is not installed`),
  }
}

/** The router of another checkout, a release before for example: built, bound and set up as that one says. */
function routerIn(folder: string): Contestant {
  return {
    name: `the router in ${folder}`,
    async start(origins, cores) {
      const file = pathToFileURL(resolve(folder, 'bench/router.ts'))
      const other = (await import(file.href)) as { readonly startRouter: typeof startRouter }
      return other.startRouter(origins, cores)
    },
  }
}

function benchWorker(name: string, file: string): Contestant {
  return workerOf(name, file, (origins) => ({ values: { ORIGINS: origins } }))
}

/** One of the Workers of this folder, and what it is bound to. */
export function workerOf(
  name: string,
  file: string,
  bind: (origins: readonly BenchOrigin[]) => Pick<WorkerSpec, 'values' | 'cache'>,
): Contestant {
  return {
    name,
    async start(origins, cores) {
      const spec = {
        name: file,
        module: await bundleBenchWorker(file),
        compatibilityDate: readDeployment().compatibility_date,
        ...bind(origins),
      }
      return startWorker(spec, cores)
    },
  }
}
