import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import { handSession, isWanted, lendSession, takeSession } from '../src/state/session/handover.ts'
import {
  changeSession,
  endSession,
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
  EndInput,
  FindInput,
  HandInput,
  LendInput,
  OpenInput,
  PutInput,
  TouchInput,
} from './session-inputs.ts'
import { createSessionsClient, SESSION_LIMITS, type SessionMethods } from './session-methods.ts'
import { openSessionTable, type SessionTable } from './session-table.ts'
import { Nothing } from './wire.ts'

/** Less than an isolate waits for the whole of it. */
const FORMER_TIMEOUT_MS = 400

/** Sessions that one wake removes; what is left waits for the next, with calls in between. */
const SWEEP_ROWS = 1000

/** One shard of the sessions: which client belongs to which origin, and since when. */
export class Sessions extends MachineObject<UpkeepState, UpkeepEvent, UpkeepEffect> {
  protected readonly machine = upkeep
  protected readonly methods: MethodTable<SessionMethods> = {
    open: method(OpenInput, async (input) => {
      await this.bring([{ ...input, proposal: input }])
      return toAnswer(this.step(input.key, (known, nowMs) => openSession(known, input, nowMs)))
    }),
    touch: method(TouchInput, async ({ items }) => {
      await this.bring(items.map((item) => ({ ...item, proposal: item })))
      return { items: items.flatMap((item) => this.touch(item)) }
    }),
    find: method(FindInput, async (input) => {
      await this.bring([input])
      return toView(liveOf(this.table.find(input.key), Date.now()))
    }),
    put: method(PutInput, async (input) => {
      await this.bring([input])
      return toView(this.step(input.key, (known, nowMs) => changeSession(known, input, nowMs)))
    }),
    end: method(EndInput, async (input) => {
      await this.bring([input])
      const { key, lifetime } = input
      const ended = this.step(key, (known, nowMs) => endSession(known, lifetime, nowMs))
      return { found: ended !== undefined }
    }),
    counts: method(Nothing, async () => {
      const origins = await this.table.counts()
      const sessions = [...origins.values()].reduce((sum, count) => sum + count, 0)
      const { expired, evicted } = this.log
      return { sessions, origins: Object.fromEntries(origins), expired, evicted }
    }),
    lend: method(LendInput, async ({ items }) => {
      await this.bring(items)
      return { items: items.flatMap((item) => this.lend(item)) }
    }),
    hand: method(HandInput, ({ keys }) => ({
      handed: keys.filter((key) => this.step(key, handSession) !== undefined).length,
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
    const expired = this.table.sweep(Date.now(), SWEEP_ROWS)
    return { type: 'swept', expired, nextMs: this.table.nextExpiryMs() }
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

  private lend({ key, proposal }: Brought) {
    const session = liveOf(this.table.find(key), Date.now())
    if (session !== undefined) return [{ key, session }]
    if (proposal) this.step(key, (_, nowMs) => lendSession(proposal, nowMs))
    return []
  }

  /** Fetches sessions that stand where they were before the number of shards was another one. */
  private async bring(items: readonly Brought[]): Promise<void> {
    const missing = new Map<number, Brought[]>()
    for (const item of items) {
      const [shard] = item.former
      if (shard === undefined || !isWanted(this.table.find(item.key), Date.now())) continue
      missing.set(shard, [...(missing.get(shard) ?? []), item])
    }
    await Promise.all([...missing].map(async ([shard, each]) => this.bringFrom(shard, each)))
  }

  /**
   * A session stays at its former shard until it is here, so that it is in two places for a moment and never in none.
   * Where nobody knows a key, the former shard keeps the proposal for those who still ask there.
   */
  private async bringFrom(shard: number, items: readonly Brought[]): Promise<void> {
    const former = createSessionsClient(this.env, shard, FORMER_TIMEOUT_MS)
    const asked = items.map(({ key, proposal, former: [, ...others] }) => {
      return { key, proposal, former: others }
    })
    const called = await former.call('lend', { items: asked })
    if (!called.ok) throw new Error(`the former shard ${shard}: ${called.error.message}`)
    for (const { key, session } of called.value.items) {
      // Meanwhile another call may have brought it, and somebody may have moved it since.
      this.step(key, (known, nowMs) => takeSession(known, session, nowMs))
    }
    const keys = called.value.items.map(({ key }) => key)
    // If this is lost, they just stand there until they end.
    if (keys.length > 0) void former.call('hand', { keys })
  }
}

type TouchItem = z.output<typeof TouchInput>['items'][number]

type Brought = z.output<typeof LendInput>['items'][number]
