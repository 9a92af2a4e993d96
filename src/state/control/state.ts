import * as z from 'zod'
import { OutboxState, initialOutbox } from '../outbox/state.ts'
import { initialPurges, Purges } from '../purge/state.ts'
import { RevisionLog, revisionLog } from '../revision/revision.ts'
import { TrafficState, initialTraffic } from '../traffic/state.ts'
import { HeardZones } from './zones.ts'

/** All that the control object knows: the parts side by side, each field stored by itself. */
export const ControlState = z.object({
  log: RevisionLog.describe('The revisions, and how publication stands.'),
  ...TrafficState.shape,
  ...OutboxState.shape,
  zones: HeardZones,
  purges: Purges.describe('What of the edge cache was purged.'),
})
export type ControlState = z.output<typeof ControlState>

/** A deployment without a configuration. */
export const initialControl: ControlState = {
  log: revisionLog.initial,
  ...initialTraffic,
  ...initialOutbox,
  zones: {},
  purges: initialPurges,
}

/** The part of it that traffic is about. */
export function trafficIn(state: ControlState): TrafficState {
  const { plan, serial, origins, down, overrides, ramps, asked } = state
  const { drains, leaving, leavingSince, landings, confirmations, conditions, shedding } = state
  return {
    plan,
    serial,
    origins,
    down,
    overrides,
    shedding,
    ramps,
    asked,
    drains,
    leaving,
    leavingSince,
    landings,
    confirmations,
    conditions,
  }
}

/** The part of it that waits to be told. */
export function outboxIn({ outbox, messages, matters }: ControlState): OutboxState {
  return { outbox, messages, matters }
}
