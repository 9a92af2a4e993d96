import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import {
  changeSession,
  endSession,
  handSession,
  lendSession,
  liveOf,
  openSession,
  type StoredSession,
} from '../src/state/session/session.ts'
import {
  upkeep,
  type UpkeepEffect,
  type UpkeepEvent,
  type UpkeepState,
} from '../src/state/session/upkeep.ts'
import { MachineObject, type MethodTable, method } from './machine.ts'
import { toAnswer, toCorrection, toView } from './session-answer.ts'
import {
  createSessionsClient,
  EndInput,
  FindInput,
  HandInput,
  LendInput,
  OpenInput,
  PutInput,
  SESSION_LIMITS,
  type SessionMethods,
  TouchInput,
} from './session-methods.ts'
import { openSessionTable, type SessionTable } from './session-table.ts'
import { Nothing } from './wire.ts'

/** Less than an isolate waits for the whole of it. */
const FORMER_TIMEOUT_MS = 400

/** Sessions that one wake removes; what is left waits for the next, with calls in between. */
const SWEEP_ROWS = 1000

/** Sessions of one batch that are asked for at former shards at the same time. */
const BRINGING = 16

/** One shard of the sessions: which client belongs to which origin, and since when. */
export class Sessions extends MachineObject<UpkeepState, UpkeepEvent, UpkeepEffect> {
  protected readonly machine = upkeep
  protected readonly methods: MethodTable<SessionMethods> = {
    open: method(OpenInput, async (input) => {
      await this.bring(input, input)
      return toAnswer(this.step(input.key, (known, nowMs) => openSession(known, input, nowMs)))
    }),
    touch: method(TouchInput, async ({ items }) => {
      await this.bringAll(items)
      return { items: items.flatMap((item) => this.touch(item)) }
    }),
    find: method(FindInput, async (input) => {
      await this.bring(input)
      return toView(liveOf(this.table.find(input.key), Date.now()))
    }),
    put: method(PutInput, async (input) => {
      await this.bring(input)
      return toView(this.step(input.key, (known, nowMs) => changeSession(known, input, nowMs)))
    }),
    end: method(EndInput, async (input) => {
      await this.bring(input)
      const { key, lifetime } = input
      const ended = this.step(key, (known, nowMs) => endSession(known, lifetime, nowMs))
      return { found: ended !== undefined }
    }),
    counts: method(Nothing, () => {
      const origins = this.table.counts()
      const sessions = [...origins.values()].reduce((sum, count) => sum + count, 0)
      const { expired, evicted } = this.log
      return { sessions, origins: Object.fromEntries(origins), expired, evicted }
    }),
    lend: method(LendInput, async (input) => {
      const { key, proposal } = input
      await this.bring(input, proposal)
      const known = liveOf(this.table.find(key), Date.now())
      if (known === undefined && proposal) this.step(key, (_, at) => lendSession(proposal, at))
      return { session: known ?? null }
    }),
    hand: method(HandInput, ({ key }) => ({
      found: this.step(key, handSession) !== undefined,
    })),
  }

  private readonly env: Pick<Env, 'SESSIONS'>
  private readonly table: SessionTable

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx)
    this.env = env
    this.table = openSessionTable(this.storage.sql, SESSION_LIMITS.sessions)
  }

  protected async begin(): Promise<UpkeepEvent> {
    return { type: 'start', nextMs: this.table.nextExpiryMs() }
  }

  /** Rows are written before the machine hears of them, in the same turn: the platform commits both or neither. */
  protected write(): void {}

  protected async run(_effect: UpkeepEffect): Promise<UpkeepEvent> {
    const removed = this.table.sweep(Date.now(), SWEEP_ROWS)
    return { type: 'swept', removed, nextMs: this.table.nextExpiryMs() }
  }

  /** Steps one session, and writes what it has become. */
  private step<Next extends StoredSession | undefined>(
    key: string,
    step: (known: StoredSession | undefined, nowMs: number) => Next,
  ): Next {
    const known = this.table.find(key)
    const next = step(known, Date.now())
    if (next !== undefined && next !== known) this.keep(key, next)
    return next
  }

  private keep(key: string, session: StoredSession): void {
    const evicted = this.table.put(key, session)
    this.post({ type: 'stored', nextMs: session.expiresAtMs, evicted })
  }

  private touch(item: TouchItem) {
    const { key, data, origin, boundAtMs, lifetime } = item
    const opened = this.step(key, (known, nowMs) => openSession(known, item, nowMs))
    if (data === undefined) return toCorrection(item, opened)
    const held = { origin, boundAtMs: boundAtMs ?? Date.now() }
    const change = { data, held, lifetime }
    return toCorrection(
      item,
      this.step(key, (known, nowMs) => changeSession(known, change, nowMs)),
    )
  }

  private async bringAll(items: readonly TouchItem[]): Promise<void> {
    const queue = items.filter(({ former }) => former.length > 0)
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) await this.bring(next, next)
    }
    await Promise.all(Array.from({ length: BRINGING }, work))
  }

  /**
   * Fetches a session that stands where it was before the number of shards was another one. It stays there until it
   * is here, so that it is in two places for a moment and never in none. While nobody knows the key, the former shard
   * keeps the proposal for those who still ask there.
   */
  private async bring({ key, former }: Whereabouts, proposal?: Proposal): Promise<void> {
    const [next, ...others] = former
    if (next === undefined || liveOf(this.table.find(key), Date.now())) return
    const shard = createSessionsClient(this.env, next, FORMER_TIMEOUT_MS)
    const called = await shard.call('lend', { key, former: others, proposal })
    if (!called.ok) throw new Error(`the former shard ${next}: ${called.error.message}`)
    const { session } = called.value
    if (session === null) return
    const standing = session.standing === 'ended' ? 'ended' : 'open'
    // Meanwhile another call may have brought it, and somebody may have moved it since.
    this.step(key, (known, nowMs) => liveOf(known, nowMs) ?? { ...session, standing })
    // If this is lost, it just stands there until it ends.
    void shard.call('hand', { key })
  }
}

type TouchItem = z.output<typeof TouchInput>['items'][number]

type Whereabouts = z.output<typeof FindInput>

type Proposal = z.output<typeof LendInput>['proposal']
