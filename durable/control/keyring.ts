import type * as z from 'zod'
import type { Deed } from '../../src/schema/deed.ts'
import {
  type KeyringEvent,
  needsKeyring,
  stepKeyring,
  toKeyViews,
} from '../../src/state/keyring.ts'
import { drawKey } from '../keyring-store.ts'
import { type KeyringMethods, type KeysRotated, RotateKeysInput } from '../keyring-methods.ts'
import { method } from '../machine.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** What signs the cookies of affinity. The machine says that there is another snapshot; the keys stand beside it. */
export interface KeyringFacet extends Facet<KeyringMethods> {
  /** Makes the key that is due, and forgets those that are over. Changes nothing most of the time. */
  tend(): Promise<void>
}

/** Makes, publishes and revokes keys. */
export function keyringFacet(shell: ControlShell): KeyringFacet {
  const { keyring } = shell

  async function rotate({
    revoke,
    actor,
    reason,
  }: z.output<typeof RotateKeysInput>): Promise<KeysRotated> {
    const action = revoke ? 'affinity.revoke' : 'affinity.rotate'
    const before = toKeyViews(keyring.list(), Date.now()).map(({ id }) => id)
    const isMade = await step(revoke ? 'revoke' : 'rotate', (ids) => {
      return { action, target: 'affinity:keys', actor, reason, before, after: ids }
    })
    const items = toKeyViews(keyring.list(), Date.now())
    if (!isMade) return { outcome: 'unchanged', items }
    return { outcome: revoke ? 'revoked' : 'rotated', items }
  }

  /** Takes a step, and makes it one with its generation and its entry in the audit log. */
  async function step(
    type: KeyringEvent['type'],
    tell?: (ids: readonly string[]) => Deed,
  ): Promise<boolean> {
    const ring = keyring.list()
    const next = stepKeyring(ring, { type, fresh: drawKey() }, Date.now())
    if (next === ring) return false
    const deed = tell?.(next.map(({ id }) => id))
    await shell.dispatch({ type: 'rekey', keyring: next, deed })
    return true
  }

  return {
    methods: {
      affinityKeys: method(Nothing, () => ({ items: toKeyViews(keyring.list(), Date.now()) })),
      rotateAffinityKeys: method(RotateKeysInput, rotate),
    },
    async tend() {
      const config = shell.config()
      if (config !== undefined && needsKeyring(config)) await step('tend')
    },
    write(effect) {
      if (effect.type === 'keyring') keyring.replace(effect.keyring)
      // The first snapshot that has anything signed has what it is signed with.
      if (effect.type !== 'store' || !needsKeyring(effect.entry.config)) return
      const ring = keyring.list()
      const event = { type: 'tend', fresh: drawKey() } as const
      const next = stepKeyring(ring, event, effect.createdAtMs)
      if (next !== ring) keyring.replace(next)
    },
  }
}
