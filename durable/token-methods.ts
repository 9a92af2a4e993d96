import * as z from 'zod'
import { Hash } from '../src/schema/audit.ts'
import { Actor } from '../src/schema/deed.ts'
import { Scopes, TokenId, TokenName, type TokenView } from '../src/schema/token.ts'
import type { Nothing } from './wire.ts'

// What the control object answers about tokens. It never sees one: only its id and its digest.

const Reason = z.string().max(1024).default('')

export const CreateTokenInput = z.object({
  id: TokenId,
  digest: Hash.describe('SHA-256 of the whole token.'),
  name: TokenName,
  scopes: Scopes,
  expiresAtMs: z.number().optional(),
  actor: Actor,
  reason: Reason,
})
export const DeleteTokenInput = z.object({ id: TokenId, actor: Actor, reason: Reason })
export const TouchTokenInput = z.object({ id: TokenId })

/** What an isolate has to know to recognise a token. */
export type TokenRecord = TokenView & { readonly digest: string }

/** The methods of the control object that concern tokens. */
export interface TokenMethods {
  tokens(input: z.input<typeof Nothing>): { readonly items: readonly TokenView[] }
  tokenRegister(input: z.input<typeof Nothing>): { readonly items: readonly TokenRecord[] }
  /** Repeated with the same id and digest it says `created` again. */
  createToken(input: z.input<typeof CreateTokenInput>):
    | { readonly outcome: 'created'; readonly token: TokenView }
    /** There are as many as there may be, or there is one by this name. */
    | { readonly outcome: 'full' | 'taken' }
  deleteToken(input: z.input<typeof DeleteTokenInput>): {
    readonly outcome: 'deleted' | 'not-found'
  }
  /** Notes that a token was used: at most one write a minute for each. */
  touchToken(input: z.input<typeof TouchTokenInput>): { readonly noted: boolean }
}
