import type { BypassReason } from './bypass.ts'
import type { NotStored } from './judged.ts'
import type { StaleBy } from './reuse.ts'

/** Why a request went to the origin (RFC 9211 §2.2), and what became of it. */
export interface Forwarded {
  readonly fwd: 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'
  /** Of the answer that came; none where none came. */
  readonly status?: number | undefined
  readonly isStored?: boolean
  /** Whether it waited for another request that fetched the same. */
  readonly isCollapsed?: boolean
  readonly detail?: Detail | undefined
}

/** What stands in `detail` (RFC 9211 §2.8): tokens of this cache's own. */
export type Detail =
  | NotStored
  | StaleBy
  | BypassReason
  | 'condition'
  | 'fallback'
  | 'session'
  | 'too-large'
  | 'hit-for-miss'
  | 'purged'
  | 'shield'

const TOKEN = /^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*$/

/** The name of this cache as it begins each of its `Cache-Status` (RFC 9211 §2): a token where it can be one. */
export function toCacheName(name: string): string {
  return TOKEN.test(name)
    ? name
    : `"${name.replaceAll(/[^\x20-\x7e]/g, '').replaceAll(/["\\]/g, '\\$&')}"`
}

/** `Cache-Status` of an answer from the cache; `by` where it is stale. `name`: of `toCacheName`. */
export function hitStatus(name: string, ttlSeconds: number, by?: Detail): string {
  const hit = `${name}; hit; ttl=${ttlSeconds}`
  return by === undefined ? hit : `${hit}; detail=${by}`
}

/** `Cache-Status` of an answer for which the origin was asked. `name`: of `toCacheName`. */
export function forwardStatus(name: string, forwarded: Forwarded): string {
  const { fwd, status, isStored, isCollapsed, detail } = forwarded
  return [
    `${name}; fwd=${fwd}`,
    ...(status === undefined ? [] : [`fwd-status=${status}`]),
    ...(isStored === true ? ['stored'] : []),
    ...(isCollapsed === true ? ['collapsed'] : []),
    ...(detail === undefined ? [] : [`detail=${detail}`]),
  ].join('; ')
}
