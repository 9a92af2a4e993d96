import { readBody } from './body.ts'
import { runOnce } from './idempotency.ts'
import { takesKey } from './openapi-operation.ts'
import type { Operation } from './operation.ts'
import { refuse } from './problem-details.ts'
import type { AdminDeps } from './resource.ts'
import { type Caller, hasScope } from './scope.ts'

/** A request for an operation, from somebody who is known. */
export interface Asked {
  readonly request: Request
  readonly params: Readonly<Record<string, string>>
  readonly caller: Caller
  readonly deps: AdminDeps
}

/** Performs an operation: nothing of it runs before its caller, its parts and its key are in order. */
export async function perform(operation: Operation, asked: Asked): Promise<Response> {
  const { request, params, caller, deps } = asked
  const { scope, body: facts, secrets = [] } = operation
  if (scope !== 'open' && !hasScope(caller, scope)) {
    const scopes = caller.scopes.join(', ')
    return refuse(
      'forbidden',
      `this takes a token with the scope "${scope}"; this one has: ${scopes}`,
    )
  }
  const read = facts ? await readBody(request, facts) : NO_BODY
  if (!read.ok) return read.refusal
  const prepared = operation.prepare({ request, params, body: read.value })
  if (!prepared.ok) return prepared.refusal
  const run = async () => prepared.value({ caller, deps })
  if (!takesKey(operation)) return run()
  return runOnce({ request, body: read.bytes, caller, deps, secrets }, run)
}

const NO_BODY = { ok: true, value: undefined, bytes: new Uint8Array() } as const
