import { hashText } from '../core/kernel/hash.ts'
import type { RouteCache } from '../schema/cache.ts'
import type { ShieldAsk } from './shield-ask.ts'
import {
  parseShieldHead,
  parseShieldSight,
  SHIELD_URLS,
  type ShieldHead,
  type ShieldSight,
} from './shield-wire.ts'

/**
 * How long a shield may be silent before it is asked whether it is there, how long it has to say so, and how long one
 * is left alone that is away, or goes by another snapshot.
 */
export const SHIELD_LIMITS = {
  silentMs: 1000,
  aliveMs: 1000,
  awayMs: 5000,
  behindMs: 1000,
} as const

/** What an isolate knows of its shields. */
export interface ShieldMemory {
  /** By object: until when nobody asks it. */
  readonly awayUntilMs: Map<string, number>
  readonly counts: {
    asked: number
    answered: number
    /** Away or too slow: the isolate asked the origin itself. */
    missed: number
    /** Not asked, because it was away a moment ago. */
    skipped: number
    behind: number
  }
}

/** No shield asked yet. */
export function createShieldMemory(): ShieldMemory {
  const counts = { asked: 0, answered: 0, missed: 0, skipped: 0, behind: 0 }
  return { awayUntilMs: new Map(), counts }
}

/** One object that shields. */
export interface ShieldTarget {
  readonly namespace: DurableObjectNamespace
  readonly object: string
  readonly locationHint?: DurableObjectLocationHint
}

/** The object for a key; undefined where the route has no shield. */
export function shieldFor(
  { shield }: RouteCache['tiers'],
  { key, shards }: { readonly key: string; readonly shards: number },
  namespace: DurableObjectNamespace,
): ShieldTarget | undefined {
  if (shield === false) return undefined
  const shard = (hashText(key) % shards).toString()
  if (shield === true) return { namespace, object: `shield:${shard}` }
  const { region } = shield
  return { namespace, object: `shield:${region}:${shard}`, locationHint: region }
}

/** What a shield said. The body is bytes, and not read yet. */
export interface Shielded {
  readonly head: Exclude<ShieldHead, { type: 'behind' }>
  readonly body: ReadableStream<Uint8Array> | null
}

/**
 * Asks a shield, for so long at most. Undefined when it is away, does not know what it must, or does not answer:
 * whoever asks goes to the origin himself. Never rejects.
 */
export async function askShield(
  target: ShieldTarget,
  ask: ShieldAsk,
  { memory, timeoutMs }: { readonly memory: ShieldMemory; readonly timeoutMs: number },
): Promise<Shielded | undefined> {
  const { awayUntilMs, counts } = memory
  const away = awayUntilMs.get(target.object) ?? 0
  const nowMs = Date.now()
  // A distance as well: the clock may jump back.
  if (away > nowMs && away - nowMs <= SHIELD_LIMITS.awayMs) {
    counts.skipped += 1
    return undefined
  }
  counts.asked += 1
  const response = await fetchWhileAlive(target, JSON.stringify(ask), timeoutMs)
  if (response === undefined) {
    counts.missed += 1
    awayUntilMs.set(target.object, Date.now() + SHIELD_LIMITS.awayMs)
    return undefined
  }
  awayUntilMs.delete(target.object)
  const head = parseShieldHead(response)
  if (head === undefined || head.type === 'behind') {
    counts.behind += 1
    awayUntilMs.set(target.object, Date.now() + SHIELD_LIMITS.behindMs)
    letGo(response)
    return undefined
  }
  counts.answered += 1
  return { head, body: response.body }
}

/** What a shield has under a key in memory, or that it is away. Nothing is fetched or counted. Never rejects. */
export async function lookInShield(
  target: ShieldTarget,
  key: string,
): Promise<ShieldSight | 'away'> {
  const looking = stubOf(target)
    .fetch(SHIELD_URLS.look, { method: 'POST', body: key })
    .then((response) => response.text())
    .then(parseShieldSight)
    .catch(() => undefined)
  const sight = await inTime(SHIELD_LIMITS.aliveMs, looking)
  return sight === LATE || sight === undefined ? 'away' : sight
}

/**
 * An origin may take its time, and with it the shield; one that is away is found out within two seconds all the same.
 */
async function fetchWhileAlive(
  target: ShieldTarget,
  body: string,
  timeoutMs: number,
): Promise<Response | undefined> {
  const controller = new AbortController()
  const asking = post(target, body, controller.signal)
  const { silentMs, aliveMs } = SHIELD_LIMITS
  const quick = await inTime(Math.min(silentMs, timeoutMs), asking)
  if (quick !== LATE) return quick
  const isAlive = timeoutMs > silentMs ? await inTime(aliveMs, knock(target)) : LATE
  const response = isAlive === true ? await inTime(timeoutMs - silentMs, asking) : LATE
  if (response !== LATE) return response
  controller.abort()
  void asking.then((late) => late && letGo(late))
  return undefined
}

/** Once more when the platform says that it may help: a new release, for example, ends every object. */
async function post(
  target: ShieldTarget,
  body: string,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const once = () => stubOf(target).fetch(SHIELD_URLS.fetch, { method: 'POST', body, signal })
  try {
    return await once()
  } catch (error) {
    if (!isRetryable(error) || signal.aborted) return undefined
    return once().catch(() => undefined)
  }
}

async function knock(target: ShieldTarget): Promise<boolean> {
  try {
    const { status } = await stubOf(target).fetch(SHIELD_URLS.alive)
    return status === 204
  } catch {
    // Away: that is what was asked.
    return false
  }
}

/** A stub that threw stays broken: each call has one of its own. */
function stubOf({ namespace, object, locationHint }: ShieldTarget): DurableObjectStub {
  return namespace.get(namespace.idFromName(object), locationHint && { locationHint })
}

function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return Reflect.get(error, 'retryable') === true && Reflect.get(error, 'overloaded') !== true
}

function letGo({ body }: Response): void {
  // Whether it minds is of no interest: the answer is not wanted.
  body?.cancel().catch(() => undefined)
}

const LATE = Symbol('late')

/** The value, or `LATE`. The work goes on. */
function inTime<Value>(ms: number, work: Promise<Value>): Promise<Value | typeof LATE> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(LATE), ms)
    const settle = (value: Value): void => {
      clearTimeout(timer)
      resolve(value)
    }
    // None of these rejects.
    void work.then(settle)
  })
}
