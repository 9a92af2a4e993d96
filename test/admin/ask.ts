import { env } from 'cloudflare:workers'
import { createControlClient } from '../../durable/control-methods.ts'
import { createOriginClient } from '../../durable/origin-methods.ts'
import { createProberClient } from '../../durable/prober-methods.ts'
import { createSessionsClient } from '../../durable/session-methods.ts'
import { createZoneClient } from '../../durable/zone-methods.ts'
import { type Admin, createAdmin } from '../../src/admin/admin.ts'
import type { AdminDeps } from '../../src/admin/resource.ts'
import { createEngine } from '../../src/cache/engine.ts'

export const TOKEN = 'correct horse battery staple'

/** What the admin API stands on in a test: the real control object, and no snapshot. */
export function depsOf(deps: Partial<AdminDeps> = {}): AdminDeps {
  return {
    control: createControlClient(env, 10_000),
    origin: (id) => createOriginClient(env, id, 10_000),
    prober: (name) => createProberClient(env, name, 10_000),
    zone: (name, timeoutMs) => createZoneClient(env, name, timeoutMs),
    sessions: (shard) => createSessionsClient(env, shard, 10_000),
    cache: { engine: createEngine(), look: () => Promise.reject(new Error('nobody looks here')) },
    adminToken: TOKEN,
    failures: env.AUTH_FAILURES,
    snapshot: () => undefined,
    status: () => ({ revision: 0 }),
    ...deps,
  }
}

/** A request to an admin API, with its token unless the headers say otherwise. */
export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: BodyInit
}

/** An answer taken apart. `json` is undefined where the body is no JSON. */
export interface Told {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- The shape is what the test is about.
  readonly json: any
}

/** Asks an admin API as an operator with the token would: a new one, as a new isolate would make it. */
export async function ask(path: string, asked: Ask = {}, deps = depsOf()): Promise<Told> {
  return askAt(createAdmin(deps), path, asked)
}

/** As `ask`, of an admin API that remembers what it was asked before. */
export async function askAt(
  admin: Admin,
  path: string,
  { headers, ...init }: Ask = {},
): Promise<Told> {
  const request = new Request(`https://router.example.com/_portolan${path}`, {
    ...init,
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
  })
  const response = await admin(request, '/_portolan')
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined
  return { status: response.status, headers: response.headers, text, json }
}
