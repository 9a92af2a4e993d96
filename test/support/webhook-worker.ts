import * as z from 'zod'
import { deliver } from '../../durable/notify/deliver.ts'
import { tryReceiver } from '../../durable/notify/trial.ts'
import { Message } from '../../src/schema/notice.ts'
import { Address } from '../../src/schema/notification.ts'

const Asked = z.object({
  address: Address,
  message: Message.optional(),
  /** What this one finds among its bindings. */
  secrets: z.record(z.string(), z.string()),
})

/** Delivers what it is asked to, and answers what became of it: the shell of delivery by itself. */
export default {
  async fetch(request, bindings) {
    const { address, message, secrets } = Asked.parse(await request.json())
    const env = { ...bindings, ...secrets }
    const trial = { id: 'tested', address, source: 'portolan' }
    return Response.json(await (message ? deliver(message, address, env) : tryReceiver(trial, env)))
  },
} satisfies ExportedHandler<object>
