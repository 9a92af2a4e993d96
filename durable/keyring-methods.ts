import * as z from 'zod'
import type { AffinityKeyView } from '../src/schema/affinity-key.ts'
import { Actor } from '../src/schema/deed.ts'
import type { Nothing } from './wire.ts'

export const RotateKeysInput = z.object({
  revoke: z.boolean(),
  actor: Actor,
  reason: z.string().max(1024).default(''),
})

/** What became of a wish for a new key. */
export interface KeysRotated {
  /** `unchanged`: there is a new key already, that is yet to sign. */
  readonly outcome: 'rotated' | 'revoked' | 'unchanged'
  readonly items: readonly AffinityKeyView[]
}

/** The methods of the control object that concern the keys of affinity. A secret is in no answer. */
export interface KeyringMethods {
  /** Oldest first. */
  affinityKeys(input: z.input<typeof Nothing>): { readonly items: readonly AffinityKeyView[] }
  rotateAffinityKeys(input: z.input<typeof RotateKeysInput>): KeysRotated
}
