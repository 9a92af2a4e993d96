import * as z from 'zod'

/** What a token may do: look, move traffic, change the configuration, or everything. */
export const Scope = z.enum(['read', 'operate', 'configure', 'admin'])
export type Scope = z.output<typeof Scope>

/** Who calls, as it was authenticated. */
export interface Caller {
  /** "root", or the name of the token: what the audit log keeps. */
  readonly name: string
  /** The address that the call came from; empty where the platform names none. */
  readonly from: string
  readonly scopes: readonly Scope[]
}

/** Whether a caller has a scope. Whoever may change something may look; `admin` has every scope. */
export function hasScope({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean {
  return (
    scopes.includes('admin') || scopes.includes(scope) || (scope === 'read' && scopes.length > 0)
  )
}
