import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type * as wranglerModule from 'wrangler'
import * as z from 'zod'
import { keep, readKept } from './kept.ts'

const require = createRequire(import.meta.url)
const wranglerToml = fileURLToPath(new URL('../wrangler.toml', import.meta.url))

/**
 * What `wrangler.toml` says about the Worker, as far as the local runtime needs it. Every object class is taken to be
 * SQLite-backed: the platform creates no others.
 */
export const Deployment = z.object({
  name: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  ratelimits: z
    .array(
      z.object({
        name: z.string(),
        namespace_id: z.string(),
        simple: z.object({ limit: z.number(), period: z.union([z.literal(10), z.literal(60)]) }),
      }),
    )
    .default([]),
  triggers: z.object({ crons: z.array(z.string()).default([]) }),
})

/** What `wrangler.toml` says about the Worker. Plain data. */
export type Deployment = z.infer<typeof Deployment>

/**
 * Reads the deployment with wrangler's own reader, so that local and deployed runs cannot differ in it. To load wrangler
 * takes a second: what it read is kept among the installed packages, and holds while its file, its version and the
 * chosen environment are the same.
 */
export function readDeployment(): Deployment {
  const key = keyOf(readFileSync(wranglerToml))
  const kept = Kept.safeParse(readKept('deployment')).data
  if (kept?.key === key) return kept.deployment
  // Loaded as the CommonJS that it is: an import reads its fifteen megabytes twice more, for their kind and their names.
  const wrangler = require('wrangler') as typeof wranglerModule
  // The types that wrangler publishes for its reader lead to a package that it does not publish: hence unknown.
  const config: unknown = wrangler.unstable_readConfig({ config: wranglerToml })
  const deployment = Deployment.parse(config)
  keep('deployment', { key, deployment })
  return deployment
}

const Kept = z.object({ key: z.string(), deployment: Deployment })

/** Whatever the reading depends on; this file is part of it, because its schema says what is kept. */
function keyOf(toml: Buffer): string {
  const { version } = require('wrangler/package.json') as { readonly version: string }
  const hash = createHash('sha256')
    .update(toml)
    .update(readFileSync(import.meta.filename))
  return hash.update(`${version} ${process.env['CLOUDFLARE_ENV'] ?? ''}`).digest('hex')
}
