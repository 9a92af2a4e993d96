import * as z from 'zod'
import { HostName, UrlPath } from './http.ts'
import { Id } from './id.ts'

/** Bounds of purging: targets of one call; rows of the snapshot, the oldest of which are widened beyond it; lengths. */
export const PURGE_LIMITS = { targets: 100, rows: 1000, tag: 256, url: 2560 } as const

const Prefix = UrlPath.refine((path) => !/\/(\.|%2e){1,2}(\/|$)/i.test(path), {
  error: 'a path that is purged has no "." or ".." between its slashes: no request has',
})

/** What a tag of `Cache-Tag` or `Surrogate-Key` is made of: visible ASCII without comma. */
export const TAG_TEXT = /^[\x21-\x2b\x2d-\x7e]+$/

/** A tag that is purged by; compared without case. */
const CacheTag = z
  .string()
  .max(PURGE_LIMITS.tag)
  .regex(TAG_TEXT, { error: 'a tag is visible ASCII without spaces and commas' })
  .transform((tag) => tag.toLowerCase())

/** What is purged. */
export const PurgeTarget = z.union([
  // In the form that a URL parser gives it: host in lower case, no dot segments, what must be encoded is.
  z.strictObject({
    url: z.url({ protocol: /^https?$/, normalize: true }).max(PURGE_LIMITS.url),
  }),
  z.strictObject({ host: HostName, prefix: Prefix.optional() }),
  z.strictObject({ tag: CacheTag }),
  z.strictObject({ route: Id }),
  z.strictObject({ all: z.literal(true) }),
])
export type PurgeTarget = z.output<typeof PurgeTarget>

/**
 * A purge as the snapshot carries it: what was fetched before it and fits its target is gone (`hard`) or stale
 * (`soft`). `serial` rises with every purge: it is the moment in ms, or one more than the last, so that it rises also
 * over a control object that lost its storage.
 */
export const PurgeRow = z.strictObject({
  serial: z.int().min(1),
  target: PurgeTarget,
  kind: z.enum(['hard', 'soft']),
})
export type PurgeRow = z.output<typeof PurgeRow>
