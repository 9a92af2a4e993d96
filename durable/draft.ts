import type { Config } from '../src/schema/config.ts'
import { CONFIG_LIMITS } from '../src/schema/config-limits.ts'
import { parseConfig } from '../src/schema/parse-config.ts'
import type { Problem } from '../src/schema/problem.ts'
import { SNAPSHOT_FORMAT } from '../src/schema/snapshot.ts'
import { SNAPSHOT_MAX_BYTES } from './snapshot-store.ts'

/** A document that was parsed by this release, under the names that tell one from another. */
export interface Draft {
  readonly config: Config
  readonly text: string
  /** Equal digests: the same document. */
  readonly digest: string
  /** Equal forms: the same snapshot. Changes when a release reads the same document in another way. */
  readonly form: string
}

/** A draft with its warnings, or everything that is wrong with it. */
export type ReadDraft =
  | { readonly ok: true; readonly draft: Draft; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * What stands around a configuration in a published document: numbers, and the conditions. In an outage of the
 * largest deployment each origin and pool has one, and a route may be on its way.
 */
export const ENVELOPE_BYTES = 6_291_456

/** Parses an authored document and names it. Never throws. */
export async function readDraft(authored: unknown): Promise<ReadDraft> {
  const parsed = parseConfig(authored)
  if (!parsed.ok) return parsed
  const { config, problems } = parsed
  const text = JSON.stringify(authored)
  const written = await measure(text)
  if (written.bytes > CONFIG_LIMITS.bytes) {
    return { ok: false, problems: [tooLarge('as written', written.bytes, CONFIG_LIMITS.bytes)] }
  }
  const canonical = await measure(JSON.stringify(config))
  const most = SNAPSHOT_MAX_BYTES - ENVELOPE_BYTES
  if (canonical.bytes > most) {
    return { ok: false, problems: [tooLarge('with its defaults', canonical.bytes, most)] }
  }
  const form = `${SNAPSHOT_FORMAT}:${canonical.digest}`
  return { ok: true, draft: { config, text, digest: written.digest, form }, problems }
}

function tooLarge(how: string, bytes: number, most: number): Problem {
  const message = `the configuration has ${bytes} bytes ${how}; at most ${most} can be published`
  const cure = 'write fewer or shorter routes: matches can share one route'
  return { severity: 'error', path: '', message, cure }
}

/** One text after the other: the bytes of both would be a fifth of the memory of an isolate. */
async function measure(text: string): Promise<{ bytes: number; digest: string }> {
  const bytes = new TextEncoder().encode(text)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const digest = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { bytes: bytes.byteLength, digest }
}
