import { createDurable } from 'itty-durable'
import type * as z from 'zod'
import type { Machine, Wake } from '../src/state/machine.ts'
import { type StateStore, openStateStore } from './state-store.ts'
import {
  CALL_URL,
  type CallError,
  type InputOf,
  type MethodsOf,
  type Reply,
  type ResultOf,
} from './wire.ts'

/** What this project uses of itty-durable's class: its life cycle and its alarm. Its own types are `any`. */
interface IttyDurable {
  loadFromStorage(): Promise<void>
  onLoad(): Promise<void>
  setAlarm(atMs: number): Promise<void>
  deleteAlarm(): Promise<void>
}
type IttyDurableClass = abstract new (state: object, env: object) => IttyDurable
// The one border to itty-durable on the object's side: see the interface above.
const Durable = createDurable() as unknown as IttyDurableClass

/** A method that may be called from outside. Nothing runs before its input is parsed. */
export type Method<Input, Result> = (input: Input) => Prepared<Result>

type Prepared<Result> =
  | { readonly ok: true; readonly run: () => Result | Promise<Result> }
  | { readonly ok: false; readonly message: string }

/** One entry for each method of the interface that the client is typed by, and no other. */
export type MethodTable<Methods extends MethodsOf<Methods>> = {
  readonly [Name in keyof Methods]: Method<InputOf<Methods[Name]>, ResultOf<Methods[Name]>>
}

/** Makes an entry of a `MethodTable`. */
export function method<Schema extends z.ZodType, Result>(
  schema: Schema,
  run: (input: z.output<Schema>) => Result | Promise<Result>,
): Method<z.input<Schema>, Result> {
  return (input) => {
    const parsed = schema.safeParse(input)
    if (parsed.success) return { ok: true, run: () => run(parsed.data) }
    return { ok: false, message: parsed.error.issues[0]?.message ?? 'wrong input' }
  }
}

/**
 * The shell of a machine: loads its state, steps, persists, arms the alarm and runs the effects, and
 * answers the calls of `client.ts`. Of what itty-durable would let a request do (call any method, set
 * any property, destroy), nothing is reachable: only what stands in `methods` is.
 */
export abstract class MachineObject<State extends object, Event, Effect> extends Durable {
  protected abstract readonly machine: Machine<State, Event, Effect>
  protected abstract readonly methods: Readonly<Record<string, Method<never, unknown>>>
  /** Makes what an effect asks of this object's storage, in one transaction with the state. No I/O. */
  protected abstract write(effect: Effect): void
  /** Runs the rest of an effect, after the transaction; says what came of it. Never throws. */
  protected abstract run(effect: Effect): Promise<Event | undefined>
  /** As `run`, asked first, for effects that may be slow: neither an answer nor the alarm waits for these. */
  protected reach(_effect: Effect): Promise<Event | undefined> | undefined {
    return undefined
  }
  /** What a new process finds: dispatched before anything else. */
  protected abstract begin(): Promise<Event | undefined>

  private store: StateStore<State> | undefined
  private current: State | undefined
  private loading: Promise<void> | undefined
  private armedAtMs: number | undefined
  private arming: Promise<void> = Promise.resolve()
  protected readonly storage: DurableObjectStorage

  constructor(ctx: DurableObjectState) {
    // itty-durable writes the bindings and a router onto the state that it is given, and wraps each
    // binding that looks like a namespace. It gets a state of its own and no bindings.
    super({ storage: ctx.storage, id: ctx.id }, {})
    this.storage = ctx.storage
  }

  /** Answers one call of `client.ts`. */
  async fetch(request: Request): Promise<Response> {
    const reply = await this.answer(request).catch((error: unknown) => {
      console.error('a durable object failed', error)
      return refuse('failed', error instanceof Error ? error.message : String(error))
    })
    return Response.json(reply)
  }

  async alarm(): Promise<void> {
    await this.load()
    this.armedAtMs = undefined
    await this.dispatch({ type: 'wake' })
  }

  override async onLoad(): Promise<void> {
    this.store = openStateStore(this.storage, this.machine)
    this.current = this.store.load()
    // Objects are put to rest and begin again all the time: setting what is set already would be a row each time.
    this.armedAtMs = (await this.storage.getAlarm()) ?? undefined
    const event = await this.begin()
    // Effects reach outside and may be slow: no call waits for those of the start.
    if (event !== undefined) this.letGo(this.settle(this.commit(event)))
  }

  /** The state of the machine. */
  protected get log(): State {
    if (this.current === undefined) throw new Error('used before it was loaded')
    return this.current
  }

  /** What an event would lead to now. Changes nothing. */
  protected preview(event: Event): readonly Effect[] {
    return this.machine.step(this.log, event, Date.now())[1]
  }

  /** Steps the machine, commits what follows, and resolves when the effects have run. */
  protected async dispatch(event: Event | Wake): Promise<readonly Effect[]> {
    const effects = this.commit(event)
    await this.settle(effects)
    return effects
  }

  /** As `dispatch`, for who does not wait for the effects: what is answered after it is stored all the same. */
  protected post(event: Event): void {
    this.letGo(this.settle(this.commit(event)))
  }

  /** State, rows and alarm, without an await in between: the platform commits them together or not at all. */
  private commit(event: Event | Wake): readonly Effect[] {
    const [next, effects] = this.machine.step(this.log, event, Date.now())
    this.storage.transactionSync(() => {
      for (const effect of effects) this.write(effect)
      this.store?.save(this.log, next)
    })
    this.current = next
    const wakeAtMs = this.machine.wakeAtMs(next)
    if (wakeAtMs !== this.armedAtMs) this.arm(wakeAtMs)
    return effects
  }

  private arm(atMs: number | undefined): void {
    this.armedAtMs = atMs
    const arming = atMs === undefined ? this.deleteAlarm() : this.setAlarm(atMs)
    this.arming = arming.catch((error: unknown) => {
      // None is set, as far as is known: the next step sets it.
      if (this.armedAtMs === atMs) this.armedAtMs = undefined
      throw error
    })
  }

  private async settle(effects: readonly Effect[]): Promise<void> {
    await this.arming
    for (const effect of effects) {
      const distant = this.reach(effect)
      if (distant === undefined) await this.follow(this.run(effect))
      else this.letGo(this.follow(distant))
    }
  }

  private async follow(running: Promise<Event | undefined>): Promise<void> {
    const outcome = await running
    if (outcome !== undefined) await this.dispatch(outcome)
  }

  /** Nobody waits for this any more. */
  private letGo(running: Promise<unknown>): void {
    running.catch((error: unknown) => {
      console.error('an effect failed', error)
    })
  }

  /** Loads once for all who ask at the same time. A failed start is not kept: the next call tries again. */
  private load(): Promise<void> {
    this.loading ??= this.loadFromStorage().catch((error: unknown) => {
      this.loading = undefined
      throw error
    })
    return this.loading
  }

  private async answer(request: Request): Promise<Reply> {
    const name = request.url.startsWith(CALL_URL) ? request.url.slice(CALL_URL.length) : ''
    // An own property only: `constructor` and `__proto__` are on every object.
    const prepare = Object.hasOwn(this.methods, name) ? this.methods[name] : undefined
    if (prepare === undefined || request.method !== 'POST')
      return refuse('refused', 'no such method')
    const input: unknown = await request.json().catch(() => undefined)
    // Whatever came is what the entry's own schema takes or refuses.
    const prepared = prepare(input as never)
    if (!prepared.ok) return refuse('refused', prepared.message)
    await this.load()
    return { ok: true, value: (await prepared.run()) ?? null }
  }
}

function refuse(kind: CallError['kind'], message: string): Reply {
  return { ok: false, error: { kind, message } }
}
