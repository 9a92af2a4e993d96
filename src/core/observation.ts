import type { Load } from './order/order.ts'

/** What is known of one origin: what this isolate has seen, and of connections what all of them have. */
export interface OriginObservation extends Load {
  /** How many more this isolate may start until it hears anew of the others; absent when as many as the cap lets. */
  readonly room?: number | undefined
  /** Until when passive ejection keeps it out, in milliseconds since the epoch; 0 when it does not. */
  readonly ejectedUntilMs: number
  /** What led to the ejection, in words and numbers. */
  readonly ejectedFor: string
  /** After an ejection: how many requests may try it at a time, and how many do; 0 trials when it is as any other. */
  readonly trials: number
  readonly trialsUnderWay: number
}

/** What this isolate sheds of one pool by itself, because the pool is too slow or fails too often. */
export interface PoolObservation {
  /** 0 to 100. */
  readonly defaultPercent: number
  readonly sheddablePercent: number
  /** In words and numbers. */
  readonly why: string
}

/** What this isolate has seen: a fact of the decision, kept by the data plane. */
export interface Observations {
  /** By `CompiledOrigin.index`. */
  readonly origins: readonly OriginObservation[]
  /** By `CompiledPool.index`; absent where nothing is shed. */
  readonly pools: ReadonlyMap<number, PoolObservation>
  /** Smooth round-robin credits by `Group.id`. */
  readonly credits: ReadonlyMap<string, readonly number[]>
}

/** An origin of which nothing was seen. */
export const UNSEEN: OriginObservation = Object.freeze({
  inFlight: 0,
  latencyMs: undefined,
  ejectedUntilMs: 0,
  ejectedFor: '',
  trials: 0,
  trialsUnderWay: 0,
})

/** What an isolate knows that has seen nothing yet. */
export function nothingSeen({ origins }: { readonly origins: readonly unknown[] }): Observations {
  return { origins: origins.map(() => UNSEEN), pools: new Map(), credits: new Map() }
}
