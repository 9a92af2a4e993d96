import * as z from 'zod'

/** What a token may do: look, move traffic, change the configuration, or everything. */
export const Scope = z.enum(['read', 'operate', 'configure', 'admin'])
export type Scope = z.output<typeof Scope>

/** Bounds of tokens. */
export const TOKEN_LIMITS = { tokens: 200, name: 64 } as const

/** The id of a token: the part of it that is no secret. */
export const TokenId = z.string().regex(/^[a-z2-7]{12}$/)

/** What a token is called, in lists and in the audit log. */
export const TokenName = z
  .string()
  .regex(/^[\w.@ -]+$/, { error: 'a name has letters, digits, spaces and _ . @ -' })
  .max(TOKEN_LIMITS.name)
  .refine((name) => !['root', 'portolan', 'unknown'].includes(name), {
    error: 'this name stands for somebody else in the audit log',
  })

/** What a token may do. */
export const Scopes = z.array(Scope).min(1).max(4)

/** A token, without its secret. */
export const TokenView = z.strictObject({
  id: TokenId,
  name: TokenName,
  scopes: Scopes,
  createdAtMs: z.number(),
  createdBy: z.string(),
  expiresAtMs: z.number().optional().describe('From when on it is refused. Default: never.'),
  lastUsedAtMs: z.number().optional().describe('To about a minute; absent before the first time.'),
})
export type TokenView = z.output<typeof TokenView>
