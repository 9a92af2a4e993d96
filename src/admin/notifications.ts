import * as z from 'zod'
import { Id } from '../schema/id.ts'
import { Delivery, ReceiverView } from '../schema/notice.ts'
import { json } from './answer.ts'
import { type Operation, operation } from './operation.ts'
import { refuse, refuseCall } from './problem-details.ts'

const ReceiverList = z.strictObject({ items: z.array(ReceiverView) })

/** `/v1/notifications`: who is told, and how telling goes. */
export const notificationOperations: readonly Operation[] = [
  operation({
    id: 'listNotifications',
    method: 'GET',
    path: '/v1/notifications',
    scope: 'read',
    summary: 'Everybody who is told, and how delivery to each stands',
    answers: { 200: { description: 'Receivers.', schema: ReceiverList } },
    async handle({ deps }) {
      const called = await deps.control.call('notifications', {})
      return called.ok ? json(called.value) : refuseCall(called.error)
    },
  }),
  operation({
    id: 'tryNotification',
    method: 'POST',
    path: '/v1/notifications/{id}/test',
    scope: 'operate',
    summary: 'Sends a message that tells of nothing, and says what became of it',
    description: 'Past the queue and once: a failure is told, not repeated.',
    params: z.strictObject({ id: Id }),
    answers: { 200: { description: 'Whether it was delivered, and why not.', schema: Delivery } },
    refusals: ['not-found'],
    async handle({ params, deps }) {
      const called = await deps.control.call('tryNotification', params)
      if (!called.ok) return refuseCall(called.error)
      if (called.value !== null) return json(called.value)
      return refuse('not-found', `there is no notification "${params.id}" in the configuration`)
    },
  }),
]
