import { adminPrefixOf } from './admin-prefix.ts'
import { type Identity, toIdentity } from './identity.ts'
import { type Isolate, standingOf } from './isolate.ts'
import { tidyLedger } from './ledger.ts'
import { answerHere } from './max-forwards.ts'
import { pass, type Result } from './pass.ts'
import type { Call } from './passage.ts'
import { placesOf } from './places.ts'
import { refuse, refuseMistake } from './refuse.ts'
import { isAboutServer, parseRequestUrl, type RequestUrl } from './request-url.ts'
import { firstSnapshot, isRefreshDue, refresh, type SnapshotSource } from './source.ts'

/** Answers what stands under the prefix of the router itself. */
export type AdminDoor = (call: Call, prefix: string) => Promise<Response>

/** Serves every request of an isolate: those for the router itself at its door, the others from the origins. */
export async function serve(isolate: Isolate, call: Call, admin: AdminDoor): Promise<Response> {
  const { headers } = call.request
  const identity = toIdentity(headers, isolate.numbering)
  try {
    const arrival: Arrival = { call, headers, identity, admin }
    const result = await arrive(isolate, arrival)
    if (result instanceof Response) return result
    isolate.refusals += 1
    return refuse(result, identity.requestId)
  } catch (error) {
    // A mistake in this program: whatever may go wrong outside is data.
    isolate.mistakes += 1
    console.error('a request was not served', identity.requestId, error)
    return refuseMistake(identity.requestId)
  }
}

interface Arrival {
  readonly call: Call
  readonly headers: Headers
  readonly identity: Identity
  readonly admin: AdminDoor
}

function arrive(isolate: Isolate, arrival: Arrival): Result | Promise<Result> {
  const { call, headers } = arrival
  const parsed = parseRequestUrl(call.request.url, headers)
  if (!parsed.ok) {
    const isForServer = isAboutServer(call.request)
    return isForServer ? answerHere('OPTIONS') : { type: 'bad-request', detail: parsed.detail }
  }
  return isolate.source.snapshot === undefined
    ? loadFirst(isolate, arrival, parsed.url)
    : enter(isolate, arrival, parsed.url)
}

async function loadFirst(isolate: Isolate, arrival: Arrival, url: RequestUrl): Promise<Result> {
  const { env, ctx } = arrival.call
  await firstSnapshot(isolate.source, () => {
    const load = refresh(isolate.source, placesOf(env, url.host))
    // It must end even when the client that caused it goes away: others look on.
    ctx.waitUntil(load)
    return load
  })
  return enter(isolate, arrival, url)
}

function enter(isolate: Isolate, arrival: Arrival, url: RequestUrl): Result | Promise<Result> {
  const { call, headers, identity, admin } = arrival
  const { source } = isolate
  const { snapshot } = source
  const prefix = adminPrefixOf(url, snapshot?.settings)
  if (prefix !== undefined) {
    if (isRefreshDue(source, Date.now())) refreshLater(source, call, url.host)
    return admin(call, prefix)
  }
  isolate.requests += 1
  if (snapshot === undefined) return { type: 'no-snapshot' }
  const arrivedAtMs = Date.now()
  const outlives = isRefreshDue(source, arrivedAtMs)
  if (outlives) refreshLater(source, call, url.host)
  const standing = standingOf(isolate, snapshot, arrivedAtMs)
  if (outlives) tidyLedger(standing.ledger, arrivedAtMs)
  return pass({
    request: call.request,
    env: call.env,
    ctx: call.ctx,
    headers,
    identity,
    url,
    via: headers.get('via'),
    isolate,
    standing,
    arrivedAtMs,
    outlives,
    isLocal: call.env.PORTOLAN_LOCAL === 'true',
  })
}

/** Someone has to look for a newer snapshot now and then: this request, after its answer. */
function refreshLater(source: SnapshotSource, { env, ctx }: Call, host: string): void {
  ctx.waitUntil(refresh(source, placesOf(env, host)))
}
