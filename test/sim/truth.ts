import type { ProbeRegion } from '../../src/schema/monitor.ts'
import type { OutlierEvent } from '../../src/state/outlier.ts'
import type { Ground } from './ground.ts'

/** How an origin really is. */
export type Manner =
  | { readonly type: 'well' }
  /** `refuses` at once, or is silent. */
  | { readonly type: 'dead'; readonly how: 'refuses' | 'silent' }
  | { readonly type: 'slow'; readonly ms: number }
  | { readonly type: 'errs'; readonly rate: number }
  | { readonly type: 'flaps'; readonly periodMs: number }

/** What came of a probe. */
export interface Probed {
  readonly ok: boolean
  readonly isAnswered: boolean
  readonly latencyMs: number
  readonly detail: string
}

/** What came of a request. */
export interface Served {
  readonly event: OutlierEvent
  readonly hasAnswered: boolean
  readonly latencyMs: number | undefined
}

const WELL: Manner = { type: 'well' }

/** How the origins and the networks of the regions really are: what everybody else only hears of. */
export class Truth {
  /** Regions whose probers reach nobody. */
  readonly lostRegions = new Set<ProbeRegion>()
  private readonly manners = new Map<string, Manner>()
  private readonly ground: Ground

  constructor(ground: Ground) {
    this.ground = ground
  }

  becomes(origin: string, manner: Manner): void {
    this.ground.tell(`${origin} is ${JSON.stringify(manner)}`)
    this.manners.set(origin, manner)
  }

  /** How it is at this moment. */
  of(origin: string): Exclude<Manner, { type: 'flaps' }> {
    const manner = this.manners.get(origin) ?? WELL
    if (manner.type !== 'flaps') return manner
    const isUp = Math.floor(this.ground.nowMs / manner.periodMs) % 2 === 0
    return isUp ? { type: 'well' } : { type: 'dead', how: 'refuses' }
  }

  probe(origin: string, region: ProbeRegion, timeoutMs: number): Probed {
    const { chance } = this.ground
    const silent = { ok: false, isAnswered: false, latencyMs: timeoutMs, detail: 'no answer' }
    if (this.lostRegions.has(region)) return silent
    const manner = this.of(origin)
    const latencyMs = chance.between(2, 90)
    const answered = { ok: true, isAnswered: true, latencyMs, detail: '' }
    switch (manner.type) {
      case 'well':
        return answered
      case 'dead':
        if (manner.how === 'silent') return silent
        return { ...answered, ok: false, isAnswered: false, detail: 'connection refused' }
      case 'slow':
        return manner.ms < timeoutMs ? { ...answered, latencyMs: manner.ms } : silent
      case 'errs':
        if (!chance.has(manner.rate)) return answered
        return { ...answered, ok: false, detail: 'status 503, expected 2xx' }
    }
  }

  request(origin: string): Served {
    const { chance } = this.ground
    const manner = this.of(origin)
    const latencyMs = chance.between(5, 60)
    switch (manner.type) {
      case 'well':
        return { event: 'success', hasAnswered: true, latencyMs }
      case 'dead':
        return { event: 'failure', hasAnswered: false, latencyMs: undefined }
      case 'slow':
        return { event: 'success', hasAnswered: true, latencyMs: latencyMs + manner.ms }
      case 'errs': {
        const event = chance.has(manner.rate)
          ? chance.pick(['failure', 'error'] as const)
          : 'success'
        return { event, hasAnswered: true, latencyMs }
      }
    }
  }
}
