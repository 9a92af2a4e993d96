import type { CheckResult, RecordView } from '../../../src/schema/dns-answer.ts'
import type { DnsNews } from '../../../src/schema/dns-news.ts'
import type { Notice } from '../../../src/schema/notice.ts'
import type {
  ChangeResult,
  DnsChange,
  DnsFailure,
  RecordSet,
  WantedRecord,
} from '../../../src/schema/dns-record-set.ts'
import type { Survey, ZoneEffect, ZoneEvent } from '../../../src/state/dns/event.ts'
import { isSameSet, keyText, variantOf } from '../../../src/state/dns/record-set.ts'
import type { ZoneState } from '../../../src/state/dns/state.ts'
import type { RecordTerms, ZoneTerms } from '../../../src/state/dns/terms.ts'
import { NOON_MS, OWNER, TERMS, wantedOf, ZONE_NAME } from './records.ts'
import { toZoneView } from '../../../src/state/dns/view.ts'
import { isMoved, zoneMachine } from '../../../src/state/dns/zone.ts'
import type { Wake } from '../../../src/state/machine.ts'

/** A zone in which one record stands as it is wanted. */
export function standing(): ZoneWorld {
  const world = new ZoneWorld()
  world.want(wantedOf('www', [1]))
  world.ask()
  world.pass(1000)
  return world
}

/** The values that stand. */
export function valuesIn({ sets }: ZoneWorld): readonly string[] {
  return sets.flatMap(({ values }) => values)
}

/** The guard of the first record. */
export function guardIn({ state, clockMs }: ZoneWorld): RecordView['guard'] {
  return toZoneView(state, clockMs)?.records[0]?.guard
}

/** What a provider does with what it is asked. */
export interface Conduct {
  /** How long each of its answers and writes takes. */
  readonly tookMs: number
  readonly read: DnsFailure | undefined
  /** What it says instead of writing; undefined: it writes. */
  write(change: DnsChange): ChangeResult | undefined
  /** Whether a write of which it says "unknown" is made. */
  readonly lands: boolean
  /** Whether what it says of its writes is heard. */
  readonly isHeard: boolean
}

export const GOOD: Conduct = {
  tookMs: 20,
  read: undefined,
  write: () => undefined,
  lands: true,
  isHeard: true,
}

/** Something that will happen, unless the process that waits for it ends before. */
interface Pending {
  readonly atMs: number
  readonly process: number
  /** A write of a process that has ended lands all the same. */
  readonly isOutside: boolean
  happen(): void
}

/** A write that came to stand. */
export interface Landing {
  readonly change: DnsChange
  readonly atMs: number
  /** With all that the clock has jumped ahead: that much time has gone by for the machine at least. */
  readonly passedMs: number
  readonly before: readonly RecordSet[]
  readonly after: readonly RecordSet[]
}

/**
 * The object of a zone with all that surrounds it: a provider that takes its time, a control object that hears news
 * once, resolvers, a process that may end at any moment, an alarm, and a clock that may jump.
 */
export class ZoneWorld {
  state: ZoneState = zoneMachine.initial
  /** What really is the time; the machine sees `nowMs + skewMs`. */
  nowMs = NOON_MS
  skewMs = 0
  process = 0
  /** What stands at the provider. */
  sets: RecordSet[] = []
  wanted: WantedRecord[] = []
  records: Record<string, RecordTerms> = {}
  zoneTerms: Omit<ZoneTerms, 'records'> = {
    owner: OWNER,
    maximumChanges: 10,
    applyMs: 60_000,
    checkMs: null,
  }
  conduct: Conduct = GOOD
  /** How the control object hears: with an answer, without one, or not at all. */
  hearing: 'good' | 'lost-answer' | 'deaf' = 'good'
  /** What name servers and resolvers answer; undefined: no check ever ends. */
  answers: ((effect: Extract<ZoneEffect, { type: 'check' }>) => CheckResult[]) | undefined
  readonly heard: DnsNews[] = []
  readonly landings: Landing[] = []
  /** How many times the provider was asked what stands. */
  reads = 0
  readonly effects: (ZoneEffect & { readonly atMs: number })[] = []
  readonly applies: { readonly atMs: number; readonly changes: readonly DnsChange[] }[] = []
  /** The process ends at the so-and-so-many-th thing that happens: before an effect is run, or something arrives. */
  crashAt: { readonly count: number; readonly lateMs: number | undefined } | undefined
  happened = 0
  /** By how much the clock has ever jumped ahead. */
  forwardMs = 0
  /** What may never be, and was. */
  readonly wrongs: string[] = []
  private inFlight: { readonly dueMs: number } | undefined
  private pending: Pending[] = []

  get clockMs(): number {
    return this.nowMs + this.skewMs
  }

  /** Matters that were told as open or as over, as titles. */
  get notices(): string[] {
    return this.matters.map(({ title }) => title)
  }

  /** The notices of them. */
  get matters(): Notice[] {
    const all = this.heard.flatMap(({ notice }) => notice ?? [])
    return all.filter(({ severity, resolves }) => resolves || severity !== 'info')
  }

  /** What was told of records that were changed. */
  get told(): string[] {
    const all = this.heard.flatMap(({ notice }) => notice ?? [])
    return all.flatMap(({ severity, resolves, text }) =>
      severity === 'info' && !resolves ? [text] : [],
    )
  }

  /** Changes that the audit log has. */
  get deeds(): { readonly before: unknown; readonly after: unknown }[] {
    return this.heard.flatMap(({ deed }) =>
      deed?.action === 'dns.change' ? [{ before: deed.before, after: deed.after }] : [],
    )
  }

  /** Configures records and what is wanted of them. */
  want(...wanted: readonly WantedRecord[]): void {
    this.wanted = [...wanted]
    this.records = Object.fromEntries(
      wanted.map(({ record }) => [record, this.records[record] ?? TERMS]),
    )
  }

  ask(cause: 'cron' | 'change' | 'operator' = 'cron'): void {
    this.step({ type: 'ask', zone: ZONE_NAME, cause })
  }

  freeze(record: string, frozen: boolean): void {
    const by = { name: 'ops', from: '' }
    this.step({ type: 'freeze', zone: ZONE_NAME, record, frozen, reason: 'wait', by })
  }

  /** Lets time pass: whatever is on its way arrives, and the alarm rings. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms
    for (let count = 0; count < 10_000; count += 1) {
      const wakeAtMs = zoneMachine.wakeAtMs(this.state)
      const ringsMs =
        wakeAtMs === undefined ? Infinity : Math.max(wakeAtMs - this.skewMs, this.nowMs)
      const next = this.pending.toSorted((left, right) => left.atMs - right.atMs)[0]
      const atMs = Math.min(ringsMs, next?.atMs ?? Infinity)
      if (atMs > endMs) {
        this.nowMs = endMs
        return
      }
      this.nowMs = Math.max(this.nowMs, atMs)
      if (next !== undefined && next.atMs <= ringsMs) this.arrive(next)
      else this.step({ type: 'wake' })
    }
    throw new Error('it never rests')
  }

  /** The cron of every minute, for so many of them. */
  minutes(count: number): void {
    for (let minute = 0; minute < count; minute += 1) {
      this.ask()
      this.pass(60_000)
    }
  }

  /**
   * The process ends and another begins. What it had asked for is never answered to anybody; of its writes those
   * that are on their way land after `lateMs`, or never.
   */
  crash(lateMs: number | undefined): void {
    this.process += 1
    this.pending = this.pending.flatMap((each) => {
      if (!each.isOutside || lateMs === undefined) return []
      return [{ ...each, atMs: Math.max(each.atMs, this.nowMs) + lateMs }]
    })
    const stored = zoneMachine.schema.parse(JSON.parse(JSON.stringify(this.state)))
    this.state = { ...stored, begun: zoneMachine.initial.begun }
    this.step({ type: 'start' })
  }

  step(event: ZoneEvent | Wake): void {
    const [next, effects] = zoneMachine.step(this.state, event, this.clockMs)
    this.state = next
    const wakeAtMs = zoneMachine.wakeAtMs(next)
    // An alarm that finds nothing to do and is set for a time that has passed would ring for ever.
    if (event.type === 'wake' && wakeAtMs !== undefined && wakeAtMs <= this.clockMs) {
      throw new Error('the alarm never rests')
    }
    const { process } = this
    for (const effect of effects) {
      this.happens()
      if (process !== this.process) return
      this.run(effect)
    }
  }

  /** The clock that the machine sees jumps. */
  jump(ms: number): void {
    this.skewMs += ms
    this.forwardMs += Math.max(0, ms)
  }

  private happens(): void {
    this.happened += 1
    if (this.crashAt?.count === this.happened) this.crash(this.crashAt.lateMs)
  }

  private run(effect: ZoneEffect): void {
    this.effects.push({ ...effect, atMs: this.nowMs })
    if (effect.type === 'survey') this.survey(effect)
    if (effect.type === 'apply') this.apply(effect)
    if (effect.type === 'tell') this.tell(effect)
    if (effect.type === 'check') this.check(effect)
  }

  private survey({ serial, cause, also }: Extract<ZoneEffect, { type: 'survey' }>): void {
    const { tookMs, read } = this.conduct
    if (cause === 'change' && !isMoved(this.state, this.see(), this.clockMs)) {
      this.later(1, () => this.step({ type: 'unmoved', serial, generation: 1 }))
      return
    }
    this.reads += 1
    this.later(tookMs, () => {
      const { actual, ...wish } = this.see(also.map(keyText))
      // Who has nothing to read asks nobody.
      const isAsked = wish.wanted.length + also.length > 0
      if (read !== undefined && isAsked)
        return this.step({ type: 'failed', serial, failure: read, wish })
      this.step({ type: 'surveyed', serial, ...wish, actual })
    })
  }

  /** What a survey finds now. */
  see(also: readonly string[] = []): Survey {
    const keys = new Set([...this.wanted.map(({ key }) => keyText(key)), ...also])
    const actual = this.sets.filter((set) => keys.has(keyText(set))).toReversed()
    const terms = { ...this.zoneTerms, records: this.records }
    return structuredClone({ generation: 1, terms, wanted: this.wanted, actual })
  }

  private apply({ serial, changes }: Extract<ZoneEffect, { type: 'apply' }>): void {
    this.applies.push({ atMs: this.nowMs, changes })
    this.watch(changes)
    const { conduct } = this
    const results: ChangeResult[] = []
    for (const [at, change] of changes.entries()) {
      const refusal = conduct.write(change)
      if (refusal !== undefined) results[at] = refusal
      if (refusal === undefined || (refusal.outcome === 'unknown' && conduct.lands)) {
        this.later(
          conduct.tookMs * (at + 1),
          () => {
            const landed = this.land(change)
            results[at] = refusal ?? landed
          },
          true,
        )
      }
    }
    if (!conduct.isHeard) return
    this.later(conduct.tookMs * (changes.length + 1), () => {
      if (serial === this.state.run?.serial) this.inFlight = undefined
      this.step({ type: 'applied', serial, results })
    })
  }

  /** What must hold whenever something is begun. */
  private watch(changes: readonly DnsChange[]): void {
    const passedMs = this.nowMs + this.forwardMs
    if (this.inFlight !== undefined && passedMs < this.inFlight.dueMs) {
      this.wrongs.push('two runs write at the same time')
    }
    this.inFlight = { dueMs: passedMs + this.zoneTerms.applyMs }
    for (const { record, before } of changes) {
      if (this.state.frozen[record] !== undefined) this.wrongs.push(`${record} is frozen`)
      if (before !== undefined && before.mark?.owner !== OWNER)
        this.wrongs.push(`${record}: not ours`)
    }
  }

  /** Only what still stands as it was read is written; what stands already is done. */
  private land(change: DnsChange): ChangeResult {
    const { before, after } = change
    const at = after ?? before
    if (at === undefined) throw new Error('a change of nothing')
    const isHere = (set: RecordSet) =>
      keyText(set) === keyText(at) && variantOf(set) === variantOf(at)
    const there = this.sets.find(isHere)
    if (isSameSet(there, after)) return { outcome: 'done' }
    if (!isSameSet(there, before)) return { outcome: 'conflict', detail: 'it is another' }
    const old = this.sets
    this.sets = [...old.filter((set) => !isHere(set)), ...(after === undefined ? [] : [after])]
    const { nowMs } = this
    const passedMs = nowMs + this.forwardMs
    this.landings.push({ change, atMs: nowMs, passedMs, before: old, after: this.sets })
    return { outcome: 'done' }
  }

  private tell({ items }: Extract<ZoneEffect, { type: 'tell' }>): void {
    const upTo = items.at(-1)?.sequence ?? 0
    if (this.hearing === 'deaf') return this.later(20, () => this.step({ type: 'unheard', upTo }))
    const { hearing } = this
    this.later(
      10,
      () => {
        const last = this.heard.at(-1)?.sequence ?? 0
        this.heard.push(...items.filter(({ sequence }) => sequence > last))
      },
      true,
    )
    if (hearing === 'good') this.later(20, () => this.step({ type: 'heard', upTo }))
  }

  private check(effect: Extract<ZoneEffect, { type: 'check' }>): void {
    const { answers } = this
    if (answers === undefined) return
    const { record, expected, atMs } = effect
    this.later(20, () =>
      this.step({ type: 'checked', record, expected, atMs, results: answers(effect) }),
    )
  }

  private later(ms: number, happen: () => void, isOutside = false): void {
    this.pending.push({ atMs: this.nowMs + ms, process: this.process, isOutside, happen })
  }

  private arrive(each: Pending): void {
    this.pending = this.pending.filter((other) => other !== each)
    const { process } = this
    this.happens()
    if (process !== this.process && !each.isOutside) return
    if (each.isOutside || each.process === this.process) each.happen()
  }
}
