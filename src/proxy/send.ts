import type { CompiledOrigin } from '../core/snapshot.ts'
import { type Outgoing, toOriginHeaders } from './outgoing.ts'

/** What a sending may need beyond the request itself; most need nothing. */
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

/** Any `cf` at all costs 6 % of a request. Unasked, the platform caches by the extension of the file (Cloudflare Cache, "Default cache behavior"). */
const EXTENSION = /\.[^/.?]{1,5}(?:\?|$)/

/** Sends a request to one origin. The dictionary is the cheapest form: a `Request` costs 10 % of it all. */
export function send(
  outgoing: Outgoing,
  origin: CompiledOrigin,
  options: SendOptions | undefined,
): Promise<Response> {
  const { method, target, replay } = outgoing
  const headers = toOriginHeaders(outgoing, origin)
  const isBare = replay.isKept && replay.body === null && !needsHostOverride(origin)
  const isOrdinary = isBare && (options === undefined || options.signal === null)
  if (isOrdinary && !EXTENSION.test(target)) {
    const init: RequestInit = { method, headers, redirect: 'manual' }
    if (options?.isWatched === true) init.encodeResponseBody = 'manual'
    return fetch(origin.url + target, init)
  }
  return sendSpecial(outgoing, origin, { headers, ...options })
}

interface Special extends Partial<SendOptions> {
  readonly headers: Headers
}

function sendSpecial(
  { method, target, replay: { body, carrier }, clientHost }: Outgoing,
  origin: CompiledOrigin,
  { headers, signal, isWatched }: Special,
): Promise<Response> {
  const init: RequestInit<RequestInitCfProperties> = { headers, redirect: 'manual', cf: UNKEPT }
  // With a body that only its own request can carry, the method comes from there as well.
  if (carrier === undefined) init.method = method
  if (body !== null) init.body = body
  if (signal) init.signal = signal
  if (isWatched === true) init.encodeResponseBody = 'manual'
  const named = toNamedHost(origin, clientHost)
  if (named) init.cf = { ...UNKEPT, resolveOverride: named.resolveOverride }
  const url = (named?.base ?? origin.url) + target
  return fetch(carrier === undefined ? url : new Request(url, carrier), init)
}

/** Whether an origin is to be told another host than its own, which only the deployed platform can do. */
export function needsHostOverride({ host }: CompiledOrigin): boolean {
  return host !== 'origin'
}

/** A URL that says the wanted host, and the origin's own name to send it to (`cf.resolveOverride`). */
function toNamedHost(
  origin: CompiledOrigin,
  clientHost: string,
): { readonly base: string; readonly resolveOverride: string } | undefined {
  if (!needsHostOverride(origin)) return undefined
  const { protocol, hostname, port } = new URL(origin.url)
  const host = typeof origin.host === 'object' ? origin.host.name : clientHost
  return { base: `${protocol}//${host}${port && `:${port}`}`, resolveOverride: hostname }
}
