import type { ServedFrom } from '../../cache/counts.ts'
import type { ResidentAnswer } from '../../cache/resident.ts'
import type { Detail, Forwarded } from '../../cache/policy/cache-status.ts'
import type { StaleBy } from '../../cache/policy/reuse.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import type { Purged } from '../../core/purge.ts'
import type { KeptBody } from '../../cache/tier.ts'
import type { Visit } from './visit.ts'

/** A stored answer, and where it was found. Its body can be read once, unless it stands in memory. */
export interface Found {
  readonly head: Stored
  readonly body: KeptBody
  readonly from: ServedFrom
  /** The same in memory, where it stands there. */
  readonly resident: ResidentAnswer | undefined
  /** What purges say of it. */
  readonly purge: Purged
}

/** Why a stored answer is given out. */
export interface HitNote {
  /** By which right, where it is not fresh. */
  readonly stale?: StaleBy | undefined
  /** Where it was not there when it was asked for: another request has fetched it. */
  readonly forwarded?: Forwarded
}

/** An answer that has just come, or has just been validated. */
export interface Fetched {
  readonly head: Stored
  /** As the client may see them. What the cache says of itself is added later (`Caching.mark`). */
  readonly headers: Headers
  readonly body: KeptBody
  /** Where it stands, if it was found somewhere: parts of it can be asked for there. */
  readonly from?: ServedFrom
}

/** How answers are given out: to a client, or to whoever asks this cache as its shield. */
export interface Giver {
  /** Something stored. May need a promise where a part of a stream is wanted. */
  stored(this: void, visit: Visit, found: Found, note: HitNote): Response | Promise<Response>
  /** What has just come and is kept. */
  fetched(this: void, visit: Visit, fetched: Fetched): Response | Promise<Response>
  /** What is kept and held for this request alone: the origin wants it kept no longer. */
  spent(this: void, visit: Visit, fetched: Fetched, why: Detail): Response | Promise<Response>
  /** What is for this request alone. */
  passed(this: void, visit: Visit, response: Response, why: string): Response
}
