import { refuse } from './problem-details.ts'
import { type Caller, hasScope } from './scope.ts'

/** Refuses a caller who asks to go past the interlocks and may not; `undefined` for anybody else. */
export function refuseOverride(
  { override }: { readonly override: boolean },
  caller: Caller,
): Response | undefined {
  if (!override || hasScope(caller, 'admin')) return undefined
  const scopes = caller.scopes.join(', ')
  return refuse(
    'forbidden',
    `"override=true" takes a token with the scope "admin"; this one has: ${scopes}`,
  )
}
