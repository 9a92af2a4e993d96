import type { PurgeRow } from '../../schema/cache-purge.ts'
import type { Config } from '../../schema/config.ts'
import type { Deed } from '../../schema/deed.ts'
import type { Keyring } from '../keyring.ts'
import type { Expectation } from '../revision/expectation.ts'
import type { OutboxEvent } from '../outbox/outbox.ts'
import type { OutboxEffect } from '../outbox/send.ts'
import type { Entry, RevisionEffect, RevisionEvent } from '../revision/revision.ts'
import type { TrafficEffect, TrafficEvent } from '../traffic/event.ts'
import type { SetWeights } from '../traffic/set-weights.ts'
import type { PurgeAsked, PurgeTold } from './purges.ts'
import type { ZoneNews } from './zones.ts'

type Start = Extract<RevisionEvent, { type: 'start' }>

/** What happens to the control object, whichever of its parts it concerns. */
export type ControlEvent =
  | Extract<RevisionEvent, { type: 'put' | 'rollback' | 'published' | 'failed' | 'watch' }>
  /** A new process took over; `config` is the current revision, where this release can read it. */
  | (Start & {
      readonly config?: Config | undefined
      /** What stands published, where nothing else is left. */
      readonly purges?: readonly PurgeRow[]
    })
  /** Other weights for a route, and the whole document with them: `base` is the revision it was made from. */
  | (SetWeights & {
      readonly type: 'set-weights'
      readonly entry: Entry
      readonly base: number
      readonly expect?: Expectation | undefined
    })
  /** A shift that is done becomes a revision: the document of revision `base` with its weights. */
  | {
      readonly type: 'land'
      readonly ramp: string
      readonly entry: Entry
      readonly base: number
    }
  /** Nobody confirmed: `entry` is the revision to go back to, absent when it cannot be read any more. */
  | {
      readonly type: 'revert'
      readonly id: string
      readonly from: number
      readonly to: number
      readonly entry: Entry | undefined
    }
  | WithExpectation<Extract<TrafficEvent, { type: 'start-shift' }>>
  | Exclude<TrafficEvent, { type: 'start-shift' }>
  | Extract<OutboxEvent, { type: 'tried' }>
  /** From the object of a zone, until it is heard. */
  | ({ readonly type: 'zone-news' } & ZoneNews)
  /** Somebody purges the edge cache. */
  | ({ readonly type: 'purge' } & PurgeAsked)
  /** There are other keys. What was done is told where somebody did it. */
  | { readonly type: 'rekey'; readonly keyring: Keyring; readonly deed?: Deed | undefined }

type WithExpectation<Event> = Event & { readonly expect?: Expectation | undefined }

/** What is to be done after a step. Notices are not among it: the outbox of the same machine took them. */
export type ControlEffect =
  | RevisionEffect
  | Exclude<TrafficEffect, { type: 'notice' }>
  | OutboxEffect
  /** There is another generation: what DNS should say may be something else now. */
  | { readonly type: 'poke' }
  /** What became of a purge. */
  | { readonly type: 'purged'; readonly purged: PurgeTold }
  /** The keys that are to stand beside the state. */
  | { readonly type: 'keyring'; readonly keyring: Keyring }
