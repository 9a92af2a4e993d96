import type { Load } from './order/order.ts'

/** What this isolate has seen of one origin. */
export interface OriginObservation extends Load {
  /** Until when passive ejection keeps it out, in milliseconds since the epoch; 0 when it does not. */
  readonly ejectedUntilMs: number
  /** What led to the ejection, in words and numbers. */
  readonly ejectedFor: string
}

/** What this isolate has seen: a fact of the decision, kept by the data plane. */
export interface Observations {
  /** By `CompiledOrigin.index`. */
  readonly origins: readonly OriginObservation[]
  /** Smooth round-robin credits by `Group.id`. */
  readonly credits: ReadonlyMap<string, readonly number[]>
}
