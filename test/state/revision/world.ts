import { parseConfig } from '../../../src/schema/parse-config.ts'
import type { Expectation } from '../../../src/state/revision/expectation.ts'
import { PUBLICATION } from '../../../src/state/revision/publication.ts'
import {
  type Answer,
  type Entry,
  type RevisionEvent,
  type RevisionLog,
  revisionLog,
} from '../../../src/state/revision/revision.ts'
import type { Wake } from '../../../src/state/machine.ts'

const parsed = parseConfig({})
if (!parsed.ok) throw new Error('an empty configuration is none')
const { config } = parsed

/** A configuration that says `text`; the reducer never looks inside. */
export function entryOf(text: string): Entry {
  const names = { digest: `digest of ${text}`, form: `form of ${text}` }
  return { ...names, author: '', message: '', text, config }
}

/** What a store of snapshots holds. */
export interface Published {
  readonly generation: number
  readonly revision: number
  readonly text: string
}

/**
 * The log of revisions with all that surrounds it: rows, a store that may be slow or away, a process that
 * may end at any moment, an alarm, and a clock that may jump.
 */
export class World {
  state: RevisionLog = revisionLog.initial
  nowMs = 1_000_000
  standing: Published | undefined
  /** Every value that the store ever took. */
  readonly writes: Published[] = []
  /** Texts by revision. */
  readonly rows = new Map<number, string>()
  /** Attempts to publish that are under way. */
  flights: Published[] = []
  /** Attempts that were given up, and that the store may take all the same. */
  readonly strays: Published[] = []

  /** Steps the machine as the shell does: state and rows at once, then the outer effects begin. */
  dispatch(event: RevisionEvent | Wake): Answer | undefined {
    const [next, effects] = revisionLog.step(this.state, event, this.nowMs)
    if (next.generation < this.state.generation) throw new Error('a generation fell')
    this.state = next
    let answer: Answer | undefined
    for (const effect of effects) {
      if (effect.type === 'store') this.store(effect.revision, effect.entry.text)
      if (effect.type === 'prune') this.prune(effect.oldest)
      if (effect.type === 'publish') this.publish()
      if (effect.type === 'answer') answer = effect.answer
    }
    return answer
  }

  put(text: string, expect?: Expectation): Answer | undefined {
    return this.dispatch({ type: 'put', entry: entryOf(text), expect })
  }

  rollback(to: number): Answer | undefined {
    const text = this.rows.get(to)
    const entry = text === undefined ? undefined : entryOf(text)
    return this.dispatch({ type: 'rollback', to, entry })
  }

  /** The oldest attempt under way comes to an end. */
  land(outcome: 'published' | 'failed' | 'lost-answer'): void {
    const flight = this.flights.shift()
    if (flight === undefined) return
    if (outcome === 'failed') this.strays.push(flight)
    else this.write(flight)
    const { generation } = flight
    this.dispatch({ type: outcome === 'published' ? 'published' : 'failed', generation })
  }

  /** The store takes an attempt that was given up long ago. */
  landStray(): void {
    const stray = this.strays.shift()
    if (stray) this.write(stray)
  }

  /** The process ends, and another takes over: after all, none or some of the effects. */
  crash(landed: number): void {
    for (const flight of this.flights.splice(0, landed)) this.write(flight)
    this.strays.push(...this.flights)
    this.flights = []
    const form = this.state.current === 0 ? undefined : this.state.form
    this.dispatch({ type: 'start', form })
  }

  watch(standing = this.standing): void {
    const { revision, generation } = standing ?? { revision: 0, generation: 0 }
    this.dispatch({ type: 'watch', standing: { revision, generation } })
  }

  /** Time passes, or jumps back; a due alarm rings. */
  pass(ms: number): void {
    this.nowMs += ms
    const wakeAtMs = revisionLog.wakeAtMs(this.state)
    if (wakeAtMs !== undefined && wakeAtMs <= this.nowMs) this.dispatch({ type: 'wake' })
  }

  /** Nothing else goes wrong until nothing is left to do. */
  settle(): void {
    for (let round = 0; round < 50; round += 1) {
      while (this.flights.length > 0) this.land('published')
      const wakeAtMs = revisionLog.wakeAtMs(this.state)
      if (wakeAtMs === undefined) return
      this.pass(Math.max(0, wakeAtMs - this.nowMs))
    }
    throw new Error('it never settles')
  }

  private publish(): void {
    const sinceMs = this.nowMs - this.state.publishedAtMs
    // KV refuses a second write of one key within a second; a clock that went back knows nothing of that.
    if (sinceMs >= 0 && sinceMs < PUBLICATION.spacingMs) throw new Error('published too soon')
    this.flights.push(this.document())
  }

  private store(revision: number, text: string): void {
    if (this.rows.has(revision)) throw new Error(`revision ${revision} was given out twice`)
    this.rows.set(revision, text)
  }

  private prune(oldest: number): void {
    for (const revision of this.rows.keys()) if (revision < oldest) this.rows.delete(revision)
  }

  private document(): Published {
    const { current: revision, generation } = this.state
    return { generation, revision, text: this.rows.get(revision) ?? 'missing' }
  }

  private write(published: Published): void {
    const same = this.writes.find(({ generation }) => generation === published.generation)
    if (same && (same.text !== published.text || same.revision !== published.revision)) {
      throw new Error(`generation ${published.generation} names two documents`)
    }
    this.writes.push(published)
    this.standing = published
  }
}
