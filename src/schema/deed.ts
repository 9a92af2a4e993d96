import * as z from 'zod'
import { InterlockRefusal } from './interlock.ts'

/** Who does something, as the audit log keeps it. */
export const Actor = z.object({
  name: z.string().max(128),
  /** The address that the call came from; empty where there was none. */
  from: z.string().max(64).default(''),
})
export type Actor = z.output<typeof Actor>

/** Who acts when nobody does: a ramp that steps, a change that nobody confirmed. */
export const NOBODY: Actor = { name: 'portolan', from: '' }

/** Something that was done, as the audit log keeps it: JSON throughout. */
export const Deed = z.object({
  /** "state.set", "weights.set", "shift.start", "ramp.pause", "change.confirm", "change.revert", "token.create" … */
  action: z.string().max(64),
  /** "origin:us-1", "pool:us", "route:api", "ramp:shift:7", "token:ab12" … */
  target: z.string().max(128),
  actor: Actor,
  reason: z.string().max(1024),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  /** The interlocks that it went past because it was told to. */
  overrode: z.array(InterlockRefusal).optional(),
})
export type Deed = z.output<typeof Deed>
