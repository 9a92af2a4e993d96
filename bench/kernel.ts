import * as z from 'zod'
import { readDeployment } from '../cli/deployment.ts'
import { cpuTimeMs } from './cpu.ts'
import type { Listener } from './peers.ts'
import { bundleBenchWorker, startWorker } from './runtime.ts'
import { type Spread, spreadOf } from './statistics.ts'
import type { Algorithm, KernelCase } from './workers/kernel-case.ts'
import type { KernelOrder, KernelPart } from './workers/kernel-worker.ts'

/** What a decision and a compilation cost in one case: CPU milliseconds per call. */
export interface KernelStanding extends KernelCase {
  readonly decideMs: Spread
  /** From the published text to a document that may be compiled. */
  readonly textMs: Spread
  readonly compileMs: Spread
  /** `compile` when only conditions have changed, with the snapshot before at hand. */
  readonly recompileMs: Spread
  readonly snapshotBytes: number
}

const ORIGINS = [3, 100, 1000]
const ROUTES = [10, 1000, 10_000]

/** The other ways to order a pool, each measured at the size that the target names. */
const ALGORITHMS: readonly Algorithm[] = [
  'hash',
  'failover',
  'round-robin',
  'random',
  'proximity',
  'latency',
  'least-connections',
  'least-response-time',
]

/** Long enough that the request which carries the order does not count. */
const SAMPLE_MS = 100

/** Measures `decide` and `compile` for every size, and for every algorithm at 100 origins and 1,000 routes. */
export async function measureKernel(
  samples: number,
  cores: string | undefined,
): Promise<KernelStanding[]> {
  const cases: KernelCase[] = [
    ...ROUTES.flatMap((routes) => {
      return ORIGINS.map((origins): KernelCase => ({ origins, routes, algorithm: 'weighted' }))
    }),
    ...ALGORITHMS.map((algorithm): KernelCase => ({ origins: 100, routes: 1000, algorithm })),
  ]
  const module = await bundleBenchWorker('kernel')
  const { compatibility_date: compatibilityDate } = readDeployment()
  const standings: KernelStanding[] = []
  for (const kernelCase of cases) {
    // In a process of its own, so that no case runs in code that was optimised for another.
    const worker = await startWorker({ name: 'kernel', module, compatibilityDate }, cores)
    standings.push(await measureCase(worker, kernelCase, samples))
    await worker.stop()
  }
  return standings
}

const Prepared = z.object({ snapshotBytes: z.int() })

async function measureCase(
  worker: Listener,
  kernelCase: KernelCase,
  samples: number,
): Promise<KernelStanding> {
  const prepared = await send(worker, { type: 'prepare', kernelCase })
  const measure = (part: KernelPart) => measurePart(worker, part, samples)
  return {
    ...kernelCase,
    ...Prepared.parse(prepared),
    decideMs: await measure('decide'),
    textMs: await measure('text'),
    compileMs: await measure('compile'),
    recompileMs: await measure('recompile'),
  }
}

async function measurePart(worker: Listener, part: KernelPart, samples: number): Promise<Spread> {
  let calls = 1
  let tookMs = await cpuOf(worker, part, calls)
  while (tookMs < SAMPLE_MS) {
    calls = Math.ceil(calls * Math.min(10, Math.max(1.5, (1.2 * SAMPLE_MS) / tookMs)))
    tookMs = await cpuOf(worker, part, calls)
  }
  const perCall: number[] = []
  for (let at = 0; at < samples; at++) perCall.push((await cpuOf(worker, part, calls)) / calls)
  return spreadOf(perCall)
}

async function cpuOf(worker: Listener, part: KernelPart, calls: number): Promise<number> {
  const beforeMs = cpuTimeMs(worker.pid)
  await send(worker, { type: 'run', part, calls })
  return cpuTimeMs(worker.pid) - beforeMs
}

async function send({ port }: Listener, order: KernelOrder): Promise<unknown> {
  const body = JSON.stringify(order)
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
  if (!response.ok) throw new Error(`the kernel bench failed: ${await response.text()}`)
  return response.json()
}
