import type { Delivery, Message } from '../../src/schema/notice.ts'
import type { Address } from '../../src/schema/notification.ts'
import { deliver } from './deliver.ts'

/** Who is to get a message that tells of nothing. */
export interface Trial {
  /** The id of the notification in the configuration. */
  readonly id: string
  readonly address: Address
  /** The name of the deployment. */
  readonly source: string
}

/**
 * Sends a message past the queue and says what became of it, so that an operator sees at once whether a
 * receiver can be reached. An incident that it opens is resolved by the next message.
 */
export async function tryReceiver(trial: Trial, bindings: object): Promise<Delivery> {
  const message = toMessage(trial, Date.now())
  if (trial.address.type !== 'pagerduty') return deliver(message, trial.address, bindings)
  const triggered = await deliver({ ...message, action: 'trigger' }, trial.address, bindings)
  if (triggered.outcome !== 'delivered') return triggered
  const resolution = { ...message, id: `${message.id}-resolve`, action: 'resolve' } as const
  return deliver(resolution, trial.address, bindings)
}

function toMessage({ id, source }: Trial, nowMs: number): Message {
  return {
    id: `test-${nowMs.toString(36)}`,
    source,
    action: 'inform',
    severity: 'info',
    title: `test of the notification ${id}`,
    text: 'Somebody asked for it. Nothing is wrong.',
    dedupKey: `${source}/test:${id}`,
    notices: [],
    omitted: 0,
    lost: 0,
    createdAtMs: nowMs,
  }
}
