import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { readDeployment } from '../cli/deployment.ts'
import { routerSpec } from './router.ts'
import { bundleBenchWorker, startWorker, type WorkerSpec } from './runtime.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What the Worker weighs and how long it takes to stand. */
export interface Weight {
  readonly bundleBytes: number
  readonly minifiedBytes: number
  readonly gzipBytes: number
  /** From the start of the process until it listens; global scope has run by then. */
  readonly startMs: Spread
  /** The same for a Worker of four lines: what the runtime itself takes. */
  readonly emptyStartMs: Spread
  /** The first request that the process answers: readiness, told by the router itself. */
  readonly firstRequestMs: Spread
}

/** Weighs the bundle and starts it several times, in turns with a Worker that does nothing. */
export async function weighRouter(starts: number, cores: string | undefined): Promise<Weight> {
  const router = await routerSpec()
  const empty: WorkerSpec = {
    name: 'empty',
    module: await bundleBenchWorker('constant'),
    compatibilityDate: readDeployment().compatibility_date,
  }
  const minified = (await transform(router.module, { minify: true, format: 'esm' })).code
  const runs: { start: number; empty: number; first: number }[] = []
  for (let at = 0; at < starts; at++) {
    const idle = await time(empty, cores)
    const full = await time({ ...router, module: minified }, cores)
    runs.push({ start: full.readyMs, empty: idle.readyMs, first: full.firstMs })
  }
  return {
    bundleBytes: Buffer.byteLength(router.module),
    minifiedBytes: Buffer.byteLength(minified),
    gzipBytes: gzipSync(minified, { level: 9 }).length,
    startMs: spreadOf(runs.map(({ start }) => start)),
    emptyStartMs: spreadOf(runs.map((run) => run.empty)),
    firstRequestMs: spreadOf(runs.map(({ first }) => first)),
  }
}

async function time(spec: WorkerSpec, cores: string | undefined) {
  const worker = await startWorker(spec, cores)
  const sentMs = performance.now()
  const response = await fetch(`http://127.0.0.1:${worker.port}/_portolan/health/live`)
  await response.arrayBuffer()
  const firstMs = performance.now() - sentMs
  await worker.stop()
  return { readyMs: worker.readyMs, firstMs }
}
