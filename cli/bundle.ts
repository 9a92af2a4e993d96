import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as esbuildModule from 'esbuild'
import * as z from 'zod'
import { keep, readKept } from './kept.ts'

/** The entry of the Worker that is deployed. */
const workerEntry = fileURLToPath(new URL('../src/worker.ts', import.meta.url))

const root = fileURLToPath(new URL('..', import.meta.url))

/** Whatever a bundle depends on besides its own sources. */
const SETTINGS = ['package-lock.json', 'tsconfig.json', 'cli/bundle.ts']

const Kept = z.object({ inputs: z.array(z.string()), digest: z.string(), text: z.string() })

/**
 * Bundles the Worker (or another entry) into the text of one ES module for workerd, with the conditions that
 * `wrangler deploy` uses. Rejects with esbuild's messages when the source does not build. To bundle takes most of a second
 * of CPU: the bundle is kept, and holds while each of its sources and settings is the same to the byte.
 */
export async function bundleWorker(entry: string = workerEntry): Promise<string> {
  const name = `bundle-${basename(entry, '.ts')}`
  const kept = Kept.safeParse(readKept(name)).data
  if (kept && kept.inputs.includes(entry) && digestOf(kept.inputs) === kept.digest) return kept.text
  const begunMs = Date.now()
  const { inputs, text } = await bundle(entry)
  // What was written meanwhile may not be what was bundled.
  if (inputs.every((path) => statSync(path).mtimeMs < begunMs)) {
    keep(name, { inputs, digest: digestOf(inputs), text })
  }
  return text
}

async function bundle(
  entry: string,
): Promise<{ readonly inputs: string[]; readonly text: string }> {
  const { build }: typeof esbuildModule = await import('esbuild')
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
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
  const sources = [...Object.keys(result.metafile.inputs), ...SETTINGS]
  return { inputs: sources.map((path) => resolve(root, path)), text }
}

/** `undefined` for files of which one cannot be read any more. */
function digestOf(paths: readonly string[]): string | undefined {
  const hash = createHash('sha256')
  try {
    for (const path of paths)
      hash.update(path).update(createHash('sha256').update(readFileSync(path)).digest())
  } catch {
    return undefined
  }
  return hash.digest('hex')
}
