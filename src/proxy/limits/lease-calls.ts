import { createLimiterClient, LIMITER_LIMITS, limiterOf } from '../../../durable/limiter-methods.ts'
import type { Env } from '../../env.ts'
import { entryOf } from '../../state/rate/bounded-table.ts'
import { sayOf, spend } from '../../state/rate/admission.ts'
import type { Grant } from '../../state/rate/lessor.ts'
import type { Passage } from '../passage.ts'
import type { Claim } from './claim.ts'
import { beginAsk, endAsk, holdingOf, isAway, type Leases, noteCall, type Sent } from './leases.ts'

/** As long as a request waits to hear whether it may go on. */
const TIMEOUT_MS = 500

/** How often a request looks whether another has been answered. */
const POLL_MS = 10

/** How long a flush waits for others to ask together. */
const FLUSH_MS = { soon: 1000, now: 20 } as const

/** Whoever was to flush may have been stopped in the middle: then another does. */
const LOST_MS = 5000

/** Calls of one flush at a time. */
const AT_ONCE = 4

type Caller = Pick<Passage, 'env' | 'ctx'>

/** What a request hears that has asked: whether it was granted, or that nobody has answered. */
export type Heard = 'granted' | 'refused' | 'away'

/**
 * Asks for a request that cannot go on without. It is done to its end also when the client goes away: others look on.
 */
export function askNow(leases: Leases, claim: Claim, { env, ctx }: Caller): Promise<Heard> {
  const holding = holdingOf(leases, claim)
  holding.waiting += 1
  const hearing = hearOf(leases, claim, env).finally(() => (holding.waiting -= 1))
  ctx.waitUntil(hearing)
  return hearing
}

/** Looks on while another asks for the same key: this runtime does not let one request wait for a promise of another. */
async function hearOf(leases: Leases, claim: Claim, env: Env): Promise<Heard> {
  const holding = holdingOf(leases, claim)
  while (holding.lessee.wanted > 0 && Math.abs(Date.now() - holding.askedAtMs) < TIMEOUT_MS) {
    await scheduler.wait(POLL_MS)
    const nowMs = Date.now()
    const say = sayOf(holding.lessee, holding.lettings, nowMs)
    if (say === 'wait') return 'refused'
    if (say === 'ask') continue
    holding.lessee = spend(holding.lessee, holding.lettings, { say, nowMs })
    return 'granted'
  }
  return askFor(leases, claim, env)
}

/** Asks, with what is queued for the same object. */
async function askFor(leases: Leases, claim: Claim, env: Env): Promise<Heard> {
  const object = limiterOf(claim.key)
  const nowMs = Date.now()
  if (isAway(leases, object, nowMs)) return 'away'
  const own = beginAsk(holdingOf(leases, claim), claim.key, { nowMs, purpose: 'more' })
  const others = takeQueued(leases, object, LIMITER_LIMITS.asks - 1)
  const grants = await call(leases, env, { object, sent: [own, ...others] })
  const [grant, ...rest] = grants ?? []
  const taken = grant !== undefined && grant.granted > 0 ? 1 : 0
  endAsk(own, grant, { nowMs: Date.now(), taken })
  endAll(others, rest)
  if (grant === undefined) return 'away'
  return taken === 1 ? 'granted' : 'refused'
}

/**
 * Sees to it that what is queued is asked: one request at a time does so after its answer, for all. While it does,
 * the request of a client that goes away is not yet given up: a second, at most.
 */
export function flushWhenDue(leases: Leases, urgency: 'soon' | 'now', { env, ctx }: Caller): void {
  const nowMs = Date.now()
  if (Math.abs(nowMs - leases.armedAtMs[urgency]) < LOST_MS) return
  leases.armedAtMs[urgency] = nowMs
  ctx.waitUntil(flush(leases, urgency, env))
}

async function flush(leases: Leases, urgency: 'soon' | 'now', env: Env): Promise<void> {
  await scheduler.wait(FLUSH_MS[urgency])
  leases.armedAtMs[urgency] = 0
  const nowMs = Date.now()
  const due = [...leases.queues]
    .filter(([, queue]) => urgency === 'soon' || queue.urgency === 'now')
    .map(([object]) => object)
    .filter((object) => !isAway(leases, object, nowMs))
  const work = async (): Promise<void> => {
    for (let object = due.shift(); object !== undefined; object = due.shift()) {
      const askings = takeQueued(leases, object, LIMITER_LIMITS.asks)
      if (askings.length === 0) continue
      endAll(askings, (await call(leases, env, { object, sent: askings })) ?? [])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** Asks begun for what is queued for an object; what is too much for one call stays. */
function takeQueued(leases: Leases, object: string, most: number): readonly Sent[] {
  const queue = leases.queues.get(object)
  if (queue === undefined) return []
  const nowMs = Date.now()
  const askings: Sent[] = []
  for (const key of queue.keys) {
    if (askings.length === most) break
    queue.keys.delete(key)
    const holding = entryOf(leases.table, key)
    // Meanwhile it may have been forgotten, or asked for.
    if (holding === undefined || holding.lessee.urgency === 'none') continue
    const purpose = holding.lessee.urgency === 'now' ? 'more' : 'tell'
    askings.push(beginAsk(holding, key, { nowMs, purpose }))
  }
  if (queue.keys.size === 0) leases.queues.delete(object)
  return askings
}

function endAll(askings: readonly Sent[], grants: readonly Grant[]): void {
  const nowMs = Date.now()
  for (const [at, asking] of askings.entries()) endAsk(asking, grants[at], { nowMs, taken: 0 })
}

async function call(
  leases: Leases,
  env: Env,
  { object, sent }: { readonly object: string; readonly sent: readonly Sent[] },
): Promise<readonly Grant[] | undefined> {
  const asks = sent.map(({ key, ask, holding }) => {
    return { key, quotas: [...holding.lettings.quotas], ...ask }
  })
  const called = await createLimiterClient(env, object, TIMEOUT_MS).call('lease', { asks })
  noteCall(leases, object, called.ok)
  return called.ok ? called.value.grants : undefined
}
