import type * as z from 'zod'
import { TOKEN_LIMITS, type TokenView } from '../../src/schema/token.ts'
import type { AuditStore } from '../audit-store.ts'
import { method } from '../machine.ts'
import {
  CreateTokenInput,
  DeleteTokenInput,
  type TokenMethods,
  type TokenRecord,
  TouchTokenInput,
} from '../token-methods.ts'
import { openTokenStore } from '../token-store.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** How long a use of a token is taken for one with the use before. */
const COARSE_MS = 60_000

/** The tokens of the admin API: made, listed, recognised and revoked. Each change stands in the audit log. */
export function tokenFacet({ storage }: ControlShell, audit: AuditStore): Facet<TokenMethods> {
  const store = openTokenStore(storage.sql)

  function create(
    input: z.output<typeof CreateTokenInput>,
  ): ReturnType<TokenMethods['createToken']> {
    const { actor, reason, digest, expiresAtMs, ...token } = input
    const known = store.find(token.id)
    if (known?.digest === digest) return { outcome: 'created', token: toView(known) }
    const all = store.list()
    if (all.some(({ name }) => name === token.name)) return { outcome: 'taken' }
    if (all.length >= TOKEN_LIMITS.tokens) return { outcome: 'full' }
    const createdAtMs = Date.now()
    const expiry = expiresAtMs === undefined ? {} : { expiresAtMs }
    const view = { ...token, createdAtMs, createdBy: actor.name, ...expiry }
    storage.transactionSync(() => {
      store.add({ ...view, digest })
      const target = `token:${token.id}`
      audit.append({ action: 'token.create', target, actor, reason, after: view }, createdAtMs)
    })
    return { outcome: 'created', token: view }
  }

  function remove({ id, actor, reason }: z.output<typeof DeleteTokenInput>) {
    const known = store.find(id)
    if (known === undefined) return { outcome: 'not-found' } as const
    storage.transactionSync(() => {
      store.remove(id)
      const deed = { action: 'token.delete', target: `token:${id}`, actor, reason }
      audit.append({ ...deed, before: toView(known) }, Date.now())
    })
    return { outcome: 'deleted' } as const
  }

  function touch({ id }: z.output<typeof TouchTokenInput>) {
    const known = store.find(id)
    const nowMs = Date.now()
    const isNoted = known !== undefined && nowMs - (known.lastUsedAtMs ?? 0) >= COARSE_MS
    if (isNoted) store.touch(id, nowMs)
    return { noted: isNoted }
  }

  return {
    methods: {
      tokens: method(Nothing, () => ({ items: store.list().map(toView) })),
      tokenRegister: method(Nothing, () => ({ items: store.list() })),
      createToken: method(CreateTokenInput, create),
      deleteToken: method(DeleteTokenInput, remove),
      touchToken: method(TouchTokenInput, touch),
    },
  }
}

function toView(token: TokenRecord): TokenView {
  const { digest: _, ...view } = token
  return view
}
