import type * as z from 'zod'
import { Config } from '../../../src/schema/config.ts'
import type { Delivery, Message, Notice } from '../../../src/schema/notice.ts'
import { type OutboxEvent, outbox } from '../../../src/state/outbox/outbox.ts'
import type { OutboxEffect } from '../../../src/state/outbox/send.ts'
import type { OutboxState } from '../../../src/state/outbox/state.ts'

export const webhook = { type: 'webhook', url: 'https://hooks.example.com/portolan' } as const
export const slack = { type: 'slack', url: { secret: 'SLACK_URL' } } as const
export const pagerduty = { type: 'pagerduty', routingKey: { secret: 'PAGERDUTY_KEY' } } as const

/** Midday, so that times in texts are readable. */
export const NOON_MS = Date.UTC(2026, 10, 21, 12)

export const delivered: Delivery = { outcome: 'delivered' }

/** An attempt that failed and may be repeated. */
export function failedWith(more: Partial<Extract<Delivery, { outcome: 'failed' }>> = {}): Delivery {
  return { outcome: 'failed', why: 'status 503', next: 'retry', ...more }
}

/** An outbox with a clock, a store that forgets nothing, and receivers that answer as they are told. */
export class OutboxWorld {
  state: OutboxState = outbox.initial
  nowMs = NOON_MS
  /** Attempts, in order. */
  readonly sent: (OutboxEffect & { readonly atMs: number })[] = []
  /** What became of each attempt; `undefined`: nothing is ever heard of it. */
  answer: (effect: OutboxEffect) => Delivery | undefined = () => delivered

  configure(
    notifications: z.input<typeof Config>['notifications'],
    origins = ['us-1', 'us-2', 'us-3'],
  ) {
    const urls = origins.map((id) => [id, { url: `https://${id}.example.com` }])
    const pools = { us: { origins: Object.fromEntries(urls) } }
    this.happen({ type: 'configured', config: Config.parse({ pools, notifications }) })
  }

  tell(...notices: Notice[]): void {
    this.happen({ type: 'notices', notices })
  }

  /** Lets time pass, waking the outbox whenever it asked for it. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const wakeAtMs = outbox.wakeAtMs(this.state)
      if (wakeAtMs === undefined || wakeAtMs > endMs) break
      this.nowMs = Math.max(this.nowMs, wakeAtMs)
      this.step({ type: 'wake' })
    }
    this.nowMs = endMs
    this.restart()
  }

  /** What is stored has to be good when it is read again, and nothing else is known by the next process. */
  restart(): void {
    this.state = outbox.schema.parse(JSON.parse(JSON.stringify(this.state)))
  }

  get messages(): Message[] {
    return this.sent.map(({ message }) => message)
  }

  private happen(event: OutboxEvent): void {
    this.step(event)
  }

  private step(event: OutboxEvent | { readonly type: 'wake' }): void {
    const [next, effects] = outbox.step(this.state, event, this.nowMs)
    this.state = next
    const wakeAtMs = outbox.wakeAtMs(next)
    // An alarm that finds nothing to do and is set for a time that has passed would ring for ever.
    if (wakeAtMs !== undefined && wakeAtMs <= this.nowMs) throw new Error('the alarm never rests')
    for (const effect of effects) {
      this.sent.push({ ...effect, atMs: this.nowMs })
      const delivery = this.answer(effect)
      if (delivery === undefined) continue
      this.step({ type: 'tried', receiver: effect.receiver, message: effect.message.id, delivery })
    }
  }
}

let count = 0

/** A notice with everything it needs. */
export function noticeOf(notice: Partial<Notice> = {}): Notice {
  count += 1
  return {
    id: `n${count}`,
    kind: 'health',
    severity: 'error',
    subject: { type: 'origin', id: 'us-1', pool: 'us', origins: 3 },
    title: 'origin us-1 is unhealthy',
    text: '3 of 3 regions: connection refused',
    dedupKey: 'origin:us-1',
    resolves: false,
    atMs: NOON_MS,
    ...notice,
  }
}

/** That an origin of the pool `us` is unhealthy. */
export function down(id: string, more: Partial<Notice> = {}): Notice {
  const subject = { type: 'origin', id, pool: 'us', origins: 3 } as const
  return noticeOf({
    subject,
    title: `origin ${id} is unhealthy`,
    dedupKey: `origin:${id}`,
    ...more,
  })
}

/** That it is healthy again. */
export function up(id: string, more: Partial<Notice> = {}): Notice {
  const title = `origin ${id} is healthy`
  return down(id, { title, text: '', severity: 'info', resolves: true, ...more })
}

/** That the pool `us` is down. */
export function poolDown(more: Partial<Notice> = {}): Notice {
  const subject = { type: 'pool', id: 'us' } as const
  const title = 'pool us is down'
  return noticeOf({
    subject,
    title,
    text: '0 of 3 usable',
    dedupKey: 'pool:us',
    severity: 'critical',
    ...more,
  })
}

/** A world with somebody to tell. */
export function worldWith(notifications: Parameters<OutboxWorld['configure']>[0]): OutboxWorld {
  const world = new OutboxWorld()
  world.configure(notifications)
  return world
}
