import * as z from 'zod'
import { Id } from '../../src/schema/id.ts'
import type { Delivery, ReceiverView } from '../../src/schema/notice.ts'
import type { Nothing } from '../wire.ts'

/** Which notification. */
export const NotificationInput = z.object({ id: Id })

/** The methods of the control object that concern notifications. */
export interface NotificationMethods {
  /** How delivery stands, receiver by receiver. */
  notifications(input: z.input<typeof Nothing>): { readonly items: readonly ReceiverView[] }
  /** Sends a message that tells of nothing, past the queue; `null` when there is no such notification. */
  tryNotification(input: z.input<typeof NotificationInput>): Delivery | null
}
