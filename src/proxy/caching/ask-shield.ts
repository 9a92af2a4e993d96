import { changeOf } from '../../cache/invalidations.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import { askShield, shieldFor, type Shielded } from '../../cache/shield.ts'
import type { ShieldAsk } from '../../cache/shield-ask.ts'
import { markOf, type ShieldHead } from '../../cache/shield-wire.ts'
import { isBodiless } from './body.ts'
import type { Visit } from './visit.ts'

/** Beyond what its origins may take: the way there and back. */
const WAY_MS = 1000

/**
 * Asks the shield of the route for what a request leads. Undefined where there is none, where the client belongs to an
 * origin, and where the shield is away or behind: then the origin is to be asked. Never rejects.
 */
export async function askShieldFor(
  visit: Visit,
  held: Stored | undefined,
): Promise<Shielded | undefined> {
  const { passage, cached, asked, engine } = visit
  const { tiers } = cached.settings
  // Of clients that belong somewhere the answer comes from there.
  if (tiers.shield === false || passage.session !== undefined) return undefined
  const { shields } = passage.standing.snapshot.settings.cache
  const target = shieldFor(tiers, { key: asked.key, shards: shields }, passage.env.SHIELD)
  if (target === undefined) return undefined
  const shielded = await askShield(target, toAsk(visit, held), {
    memory: engine.shields,
    timeoutMs: timeoutOf(visit),
  })
  return shielded && isAbout(shielded.head, visit, held) ? shielded : undefined
}

/** Longer than all attempts of the shield may take, and its wait for another fetch before them. */
function timeoutOf({ found, cached }: Visit): number {
  const { timeouts, retry } = found.route.route
  const attemptsMs = Math.min(timeouts.firstByte * retry.attempts, timeouts.total ?? Infinity)
  return cached.settings.waitForLeader + attemptsMs + WAY_MS
}

/** Conditions and ranges are about what this client holds; the shield is asked for the whole. */
const UNSENT: readonly string[] = [
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
]

function toAsk(
  { passage, cached, asked, facts, engine, isRenewal }: Visit,
  held: Stored | undefined,
): ShieldAsk {
  const { request, identity, standing } = passage
  const headers = new Headers(passage.headers)
  for (const name of UNSENT) headers.delete(name)
  headers.set('x-request-id', identity.requestId)
  const { form, purges, generation, publishedAtMs } = standing.snapshot
  const { host, path, query } = asked.url
  const atMs = changeOf(engine.invalidations, asked.url)
  return {
    route: cached.id,
    form,
    key: asked.key,
    purge: purges.newest,
    generation,
    publishedAtMs,
    method: request.method,
    url: request.url,
    headers: [...headers],
    facts,
    ...(atMs !== undefined && { changed: { host, path, query, atMs } }),
    ...(held && { held: markOf(held) }),
    ...(isRenewal === true && { isRenewal }),
  }
}

/** Whether it is about what was asked for: the other end looks it up by what the client sent, and may be of another release. */
function isAbout(head: Shielded['head'], { asked }: Visit, held: Stored | undefined): boolean {
  switch (head.type) {
    case 'answer':
      return isUnder(asked.key, head)
    case 'unchanged':
      return held !== undefined && isUnder(asked.key, head)
    case 'passed':
    case 'refused':
      return true
  }
}

/** Answers that vary stand under the key and more. */
function isUnder(key: string, { head }: Extract<ShieldHead, { readonly head: Stored }>): boolean {
  return head.key === key || head.key.startsWith(`${key}\n`)
}

/** An answer for this request alone, as an origin would have sent it to this isolate. */
export function toPassed(
  { status, fields }: Extract<ShieldHead, { readonly type: 'passed' }>,
  body: ReadableStream<Uint8Array> | null,
): Response {
  const headers = new Headers()
  for (const [name, value] of fields) headers.append(name, value)
  // Encoded as it is: the runtime is not to do it again.
  return new Response(isBodiless(status) ? null : body, { status, headers, encodeBody: 'manual' })
}
