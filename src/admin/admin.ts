import { Hono } from 'hono/tiny'
import { authenticate } from './auth.ts'
import { createOperations } from './operations.ts'
import { perform } from './perform.ts'
import { refuse } from './problem-details.ts'
import type { AdminDeps } from './resource.ts'
import type { Caller } from './scope.ts'
import { createTokenRegister } from './token-register.ts'

/** Answers a request for a path under `prefix`, such as "/_portolan". Never throws. */
export type Admin = (request: Request, prefix: string) => Promise<Response>

/** What Hono hands from one step to the next. */
interface AdminEnv {
  readonly Bindings: { readonly prefix: string }
  readonly Variables: { caller: Caller | undefined }
}

/** Who calls an operation that asks for no token. */
const ANYBODY: Caller = { name: '', from: '', scopes: [] }

/**
 * The admin API, health and status. Made once for an isolate, and only when it is asked for: requests on
 * their way to an origin do not come through here.
 */
export function createAdmin(deps: AdminDeps): Admin {
  const app = new Hono<AdminEnv>({
    getPath: (request, options) => toPath(request, options?.env?.prefix ?? ''),
  })
  const tokens = createTokenRegister(deps.control)
  for (const path of ['/v1/*', '/status']) {
    app.use(path, async (context, next) => {
      const authenticated = await authenticate(context.req.raw, { ...deps, tokens })
      if (!authenticated.ok) return authenticated.refusal
      context.set('caller', authenticated.value)
      return next()
    })
  }
  for (const operation of createOperations()) {
    app.on(operation.method, toPattern(operation.path), async ({ req, get }) => {
      const caller = get('caller') ?? ANYBODY
      return perform(operation, { request: req.raw, params: req.param(), caller, deps })
    })
  }
  refuseOtherMethods(app)
  app.notFound(() => refuse('not-found', 'docs/api.md lists every resource'))
  app.onError((error) => {
    console.error('the admin API failed', error)
    return refuse('internal', 'the log of the Worker says more')
  })
  return async (request, prefix) => {
    const response = await app.fetch(request, { prefix })
    response.headers.set('cache-control', 'no-store')
    return response
  }
}

/** The path below the prefix; "" when it is not below, or ends in a slash that Hono's router would pass over. */
function toPath(request: Request, prefix: string): string {
  const { pathname } = new URL(request.url)
  const isBelow = pathname.startsWith(`${prefix}/`) && !pathname.endsWith('/')
  return isBelow ? pathname.slice(prefix.length) : ''
}

/** Hono's way to write "/v1/routes/{id}/weights". */
function toPattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** RFC 9110 §15.5.6: a resource that exists says which methods it takes. */
function refuseOtherMethods(app: Hono<AdminEnv>): void {
  const methods = new Map<string, string[]>()
  for (const { path, method } of app.routes) {
    // "ALL" is how Hono files middleware; whoever may GET may HEAD.
    if (method === 'ALL') continue
    const names = method === 'GET' ? ['GET', 'HEAD'] : [method]
    methods.set(path, [...(methods.get(path) ?? []), ...names])
  }
  for (const [path, names] of methods) {
    const allow = names.join(', ')
    app.all(path, () =>
      refuse('method-not-allowed', `this resource takes ${allow}`, { headers: { allow } }),
    )
  }
}
