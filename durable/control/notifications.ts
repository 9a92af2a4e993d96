import { toReceiverViews } from '../../src/state/outbox/outbox.ts'
import { method } from '../machine.ts'
import { deliver } from '../notify/deliver.ts'
import { NotificationInput, type NotificationMethods } from '../notify/methods.ts'
import { tryReceiver } from '../notify/trial.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** The way out of the outbox, and a look at it. */
export function notificationFacet(shell: ControlShell): Facet<NotificationMethods> {
  return {
    methods: {
      notifications: method(Nothing, () => ({ items: toReceiverViews(shell.state()) })),
      tryNotification: method(NotificationInput, ({ id }) => {
        const { receivers, source } = shell.state().outbox
        const receiver = Object.hasOwn(receivers, id) ? receivers[id] : undefined
        if (receiver === undefined) return null
        return tryReceiver({ id, source, address: receiver.address }, shell.env)
      }),
    },
    reach(effect) {
      if (effect.type !== 'deliver') return undefined
      const { receiver, message, address } = effect
      return deliver(message, address, shell.env).then((delivery) => ({
        type: 'tried',
        receiver,
        message: message.id,
        delivery,
      }))
    },
  }
}
