import type { Actor } from '../schema/deed.ts'
import type { Scope } from '../schema/token.ts'

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
  if (scope === 'read') return scopes.length > 0
  return scopes.includes('admin') || scopes.includes(scope)
}

/** A caller as the audit log names it. */
export function toActor({ name, from }: Caller): Actor {
  return { name, from }
}
