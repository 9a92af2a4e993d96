import { fileURLToPath } from 'node:url'
import { Log, LogLevel, Miniflare } from 'miniflare'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { bundleWorker } from '../../cli/bundle.ts'
import { readDeployment } from '../../cli/deployment.ts'
import type { ProbeOutcome } from '../../durable/probe/perform.ts'
import { takePort } from './own-port.ts'
import type { ProbeOrder } from './probe-worker.ts'

/** What the binding `PROBE_TOKEN` holds, as it is after `echo … | wrangler secret put`, without the line break. */
export const SECRET = 's3cret-and-long'

/** Probes once in the real runtime. */
export type Probe = (order: ProbeOrder) => Promise<ProbeOutcome>

const entry = fileURLToPath(new URL('./probe-worker.ts', import.meta.url))

/** A runtime for the tests of one file, which does nothing but probe. */
export function useProbe(): Probe {
  let miniflare: Miniflare | undefined
  beforeAll(async () => {
    miniflare = new Miniflare(toOptions(await bundleWorker(entry)))
    await miniflare.ready
  })
  afterAll(() => miniflare?.dispose())
  return async (order) => {
    const body = JSON.stringify(order)
    const response = await miniflare?.dispatchFetch('http://rig/', { method: 'POST', body })
    return (await response?.json()) as ProbeOutcome
  }
}

function toOptions(contents: string): ConstructorParameters<typeof Miniflare>[0] {
  const { compatibility_date, compatibility_flags } = readDeployment()
  return {
    cf: false,
    // The runtime tells of every connection that fails, which is what these tests are about.
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: () => undefined,
    workers: [
      {
        config: {
          name: 'probe',
          compatibilityDate: compatibility_date,
          compatibilityFlags: compatibility_flags,
          manifest: {
            mainModule: 'worker.js',
            modules: { 'worker.js': { type: 'esm', contents } },
          },
          env: { PROBE_TOKEN: { type: 'text', value: `${SECRET}\n` } },
        },
      },
    ],
  }
}

/** An outcome without the time that it took. */
export async function untimed(outcome: Promise<ProbeOutcome>): Promise<object> {
  const { latencyMs, ...rest } = await outcome
  expect(latencyMs).toBeGreaterThanOrEqual(0)
  return rest
}

/** A port of the loopback interface at which nothing listens, nor will for as long as the test runs. */
export async function closedPort(): Promise<number> {
  const own = await takePort()
  onTestFinished(() => own.giveBack())
  return own.port
}
