import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { createIsolate, type Isolate } from '../../src/proxy/isolate.ts'
import { serve } from '../../src/proxy/serve.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { forgetShields } from '../support/objects-worker.ts'
import { holdDeadlines } from '../support/patience-worker.ts'
import { put } from './control-harness.ts'

type Cache = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['cache']>

/** A host for each test, so that it has keys of its own, in front of regions for Germany, Peru and all others. */
function configOf(caches: Readonly<Record<string, Cache>>): AuthoredConfig {
  const routes = Object.entries(caches).map(([id, cache]) => [
    id,
    {
      match: { hosts: [`${id}.example.com`] },
      steer: { policy: 'geo' as const, countries: { DE: ['eu'], PE: ['pe'] }, default: ['us'] },
      cache: { tiers: { shield: true, kv: false, colo: false }, ...cache },
    },
  ])
  // What isolates saw of an origin they tell for some time after a test: no other file knows these.
  return {
    pools: {
      us: { origins: { 'shielded-us': { url: 'https://us.example.net' } } },
      eu: { origins: { 'shielded-eu': { url: 'https://eu.example.net' } } },
      pe: { origins: { 'shielded-pe': { url: 'https://pe.example.net' } } },
    },
    routes: Object.fromEntries(routes),
  }
}

/** What the origins were asked, and how they answer. */
export const origin = {
  requests: [] as Request[],
  answer: (_request: Request): Response | Promise<Response> => page('body'),
}

/** A page that is fresh for a minute. */
export function page(
  body: BodyInit | null,
  fields: Readonly<Record<string, string>> = {},
): Response {
  const headers = { 'content-type': 'text/plain', 'cache-control': 'max-age=60', ...fields }
  return new Response(body, { headers, encodeBody: 'manual' })
}

const ORIGINS: readonly string[] = ['us', 'eu', 'pe'].map((region) => `${region}.example.net`)

/**
 * Puts routes in front of the origins, a host and a cache for each, which are asked by nobody yet. Whoever asks a shield
 * waits for it, and does not go to the origin himself because the machine is busy.
 */
export async function stage(caches: Readonly<Record<string, Cache>>): Promise<void> {
  // What another file has left there has a higher generation than anything of this one.
  forgetShields()
  holdDeadlines()
  origin.requests.length = 0
  origin.answer = () => page('body')
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const request = new Request(url, init)
    // What another file has left under way asks elsewhere.
    if (!ORIGINS.includes(new URL(request.url).host)) throw new Error(`nobody is at ${url}`)
    origin.requests.push(request)
    return origin.answer(request)
  })
  await put(configOf(caches))
}

interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly isolate?: Isolate
}

/** Sends a request to an isolate of its own, unless one is given. */
export function ask(
  url: string,
  { headers = {}, isolate = createIsolate() }: Asking = {},
): Promise<Response> {
  return serveAt(isolate, new Request(url, { headers }))
}

/** Sends a request to an isolate. */
export function serveAt(isolate: Isolate, request: Request): Promise<Response> {
  const local = { ...env, PORTOLAN_LOCAL: 'true' }
  const call = { request, env: local, ctx: createExecutionContext() }
  return serve(isolate, call, async () => new Response('admin'))
}
