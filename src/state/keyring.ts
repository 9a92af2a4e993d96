import type { AffinityKeyView } from '../schema/affinity-key.ts'
import type { Config } from '../schema/config.ts'
import type { AffinityKey } from '../schema/snapshot.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The times of a key. */
export const KEYRING = {
  /** A new one comes this long after the last. */
  everyMs: 7 * DAY_MS,
  /**
   * It signs only this long after it was published: by then every isolate that serves anybody has it, and none refuses
   * what another one signs.
   */
  aheadMs: DAY_MS,
  /**
   * It goes this long after the next one signs: the longest `ttl`, and a day for isolates that still sign with it
   * because they have heard nothing since.
   */
  keptMs: 8 * DAY_MS,
} as const

/** A key as the control object keeps it. */
export interface KeptKey extends AffinityKey {
  readonly createdAtMs: number
}

/** The keys of a deployment in the order in which they were made. */
export type Keyring = readonly KeptKey[]

/** A key that nobody has seen yet. The shell draws it: chance is none of ours. */
export type FreshKey = Pick<AffinityKey, 'id' | 'secret'>

/**
 * What happens to the keys: time has passed; somebody wants a new one; somebody wants the old ones to count no more.
 */
export interface KeyringEvent {
  readonly type: 'tend' | 'rotate' | 'revoke'
  readonly fresh: FreshKey
}

/** Whether a configuration has anything signed. */
export function needsKeyring({ routes }: Config): boolean {
  return Object.values(routes).some(
    ({ affinity, writes }) =>
      writes !== undefined || affinity?.type === 'cookie' || affinity?.type === 'ip-cookie',
  )
}

/** The keys after an event; the very same when nothing changes. */
export function stepKeyring(ring: Keyring, { type, fresh }: KeyringEvent, nowMs: number): Keyring {
  const newest = ring.at(-1)
  if (newest === undefined || type === 'revoke') return [toKey(fresh, nowMs, nowMs)]
  const alive = ring.filter((_, at) => !isOver(ring[at + 1], nowMs))
  const isDue = type === 'rotate' ? !isWaiting(newest, nowMs) : isOld(newest, nowMs)
  if (isDue) return [...alive, toKey(fresh, nowMs, nowMs + KEYRING.aheadMs)]
  return alive.length === ring.length ? ring : alive
}

function toKey(fresh: FreshKey, createdAtMs: number, signsFromMs: number): KeptKey {
  return { ...fresh, createdAtMs, signsFromMs }
}

/** Whether nothing that a key has signed can be alive: it depends on the one that signs after it. */
function isOver(next: KeptKey | undefined, nowMs: number): boolean {
  return next !== undefined && nowMs >= next.signsFromMs + KEYRING.keptMs
}

/** Whether there is a new key already, that is yet to sign. */
function isWaiting({ signsFromMs }: KeptKey, nowMs: number): boolean {
  return signsFromMs > nowMs && !isFromElsewhen(signsFromMs, nowMs)
}

function isOld({ createdAtMs, signsFromMs }: KeptKey, nowMs: number): boolean {
  return nowMs - createdAtMs >= KEYRING.everyMs || isFromElsewhen(signsFromMs, nowMs)
}

/** Further ahead than it was ever set: the clock has jumped back since, and this key would not sign for long. */
function isFromElsewhen(signsFromMs: number, nowMs: number): boolean {
  return signsFromMs - nowMs > KEYRING.aheadMs
}

/** The keys without their secrets, oldest first. */
export function toKeyViews(ring: Keyring, nowMs: number): AffinityKeyView[] {
  const signing = ring.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? ring[0]
  return ring.map((key, at) => {
    const next = ring[at + 1]
    const state = key === signing ? 'signing' : key.signsFromMs > nowMs ? 'waiting' : 'verifying'
    const { id, createdAtMs, signsFromMs } = key
    const goesAtMs = next && next.signsFromMs + KEYRING.keptMs
    return { id, createdAtMs, signsFromMs, state, ...(goesAtMs !== undefined && { goesAtMs }) }
  })
}
