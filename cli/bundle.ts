import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The entry of the Worker that is deployed. */
const workerEntry = fileURLToPath(new URL('../src/worker.ts', import.meta.url))

/**
 * Bundles the Worker (or another entry) into the text of one ES module for workerd, with the conditions that
 * `wrangler deploy` uses. Rejects with esbuild's messages when the source does not build.
 */
export async function bundleWorker(entry: string = workerEntry): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    legalComments: 'none',
    logLevel: 'silent',
  })
  const text = result.outputFiles[0]?.text
  if (text === undefined) throw new Error(`${entry} bundled into nothing`)
  return text
}
