import type { CompiledOrigin } from '../core/snapshot.ts'
import { type Outgoing, toOriginHeaders } from './outgoing.ts'

/** What a sending may need beyond the request itself. */
export interface SendOptions {
  readonly signal: AbortSignal | null
  /** Whether the body is going to be read here, and must come as the origin encoded it. */
  readonly isWatched: boolean
}

/**
 * The platform keeps nothing of what passes: a negative time to live is "do not cache at all" (Workers
 * documentation, `cf.cacheTtlByStatus`). `cache: 'no-store'` would tell the origin `no-cache` as well.
 */
const UNKEPT: RequestInitCfProperties = { cacheTtlByStatus: { '100-599': -1 } }

/** Unasked, the platform caches by the extension of the file (Cloudflare Cache, "Default cache behavior"). */
const EXTENSION = /\.[^/.?]{1,5}(?:\?|$)/

/** Sends a request to one origin. The dictionary is the cheapest form: a `Request` costs 10 % of it all. */
export function send(
  outgoing: Outgoing,
  origin: CompiledOrigin,
  { signal, isWatched }: SendOptions,
): Promise<Response> {
  const named = toNamedHost(origin, outgoing)
  const url = (named?.base ?? origin.url) + outgoing.target
  const { body, carrier } = outgoing.replay
  const init: RequestInit<RequestInitCfProperties> = {
    headers: toOriginHeaders(outgoing, origin),
    redirect: 'manual',
  }
  // With a body that only its own request can carry, the method comes from there as well.
  if (carrier === undefined) init.method = outgoing.method
  if (body !== null) init.body = body
  if (named) init.cf = { ...UNKEPT, resolveOverride: named.resolveOverride }
  // Any `cf` at all costs 6 % of a request.
  else if (EXTENSION.test(outgoing.target)) init.cf = UNKEPT
  if (signal !== null) init.signal = signal
  if (isWatched) init.encodeResponseBody = 'manual'
  return fetch(carrier === undefined ? url : new Request(url, carrier), init)
}

/** Whether an origin is to be told another host than its own, which only the deployed platform can do. */
export function needsHostOverride({ host }: CompiledOrigin): boolean {
  return host !== 'origin'
}

/** A URL that says the wanted host, and the origin's own name to send it to (`cf.resolveOverride`). */
function toNamedHost(
  origin: CompiledOrigin,
  { clientHost }: Outgoing,
): { readonly base: string; readonly resolveOverride: string } | undefined {
  if (!needsHostOverride(origin)) return undefined
  const { protocol, hostname, port } = new URL(origin.url)
  const host = typeof origin.host === 'object' ? origin.host.name : clientHost
  return { base: `${protocol}//${host}${port && `:${port}`}`, resolveOverride: hostname }
}
