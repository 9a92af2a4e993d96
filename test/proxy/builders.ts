import { decide } from '../../src/core/decide.ts'
import type { SteerDecision } from '../../src/core/decision.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { toFacts } from '../../src/proxy/facts.ts'
import { toForwarding } from '../../src/proxy/forwarding.ts'
import { toIdentity } from '../../src/proxy/identity.ts'
import { createLedger, type Ledger } from '../../src/proxy/ledger.ts'
import { type Outgoing, toOutgoing } from '../../src/proxy/outgoing.ts'
import { toEmptyReplay } from '../../src/proxy/replay.ts'
import { parseRequestUrl, type RequestUrl } from '../../src/proxy/request-url.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import { snapshotOf } from '../support/builders.ts'

/** The moment of a test. */
export const NOW_MS = 1_800_000_000_000

/** The id of a request whose client gave none. */
export const REQUEST_ID = '0af76519-16cd-43dd-8448-000000000001'

/** What differs in a configuration from one pool `main` of one origin `a` and one route `all` to it. */
export interface Difference {
  /** By name; each is `https://<name>.example.com`. */
  readonly origins?: readonly string[]
  readonly route?: NonNullable<AuthoredConfig['routes']>[string]
  readonly pool?: Partial<NonNullable<AuthoredConfig['pools']>[string]>
  readonly settings?: AuthoredConfig['settings']
}

/** A configuration with one pool `main` and one route `all` to it. */
export function configOf({
  origins = ['a'],
  route,
  pool,
  settings,
}: Difference = {}): AuthoredConfig {
  const made = origins.map((id) => [id, { url: `https://${id}.example.com` }])
  const main = { balance: { algorithm: 'failover' as const }, origins: Object.fromEntries(made) }
  return {
    ...(settings && { settings }),
    pools: { main: { ...main, ...pool } },
    routes: { all: { steer: { policy: 'failover', pools: ['main'] }, ...route } },
  }
}

/** The parts of a URL that must be right. */
export function urlOf({ url, headers }: Request): RequestUrl {
  const parsed = parseRequestUrl(url, headers)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.url
}

/** The facts of a request from a client at this address. */
export function factsOf(request: Request, snapshot: Snapshot, ip = '203.0.113.7'): RequestFacts {
  const { method, headers } = request
  const sources = { method, url: urlOf(request), client: { ip }, nowMs: NOW_MS, random: 0.5 }
  return toFacts(headers, snapshot, sources)
}

/** What is decided for a request that must be steered. */
export function decisionOf(
  facts: RequestFacts,
  snapshot: Snapshot,
  ledger: Ledger = createLedger(snapshot),
): SteerDecision {
  const decision = decide(facts, snapshot, ledger)
  if (decision.type !== 'steer') throw new Error(`not steered: ${decision.type}`)
  return decision
}

/** What a request without a body becomes on its way to the origins. */
export function outgoingOf(request: Request, difference: Difference = {}): Outgoing {
  const snapshot = snapshotOf(configOf(difference))
  const facts = factsOf(request, snapshot)
  const decision = decisionOf(facts, snapshot)
  const { headers, method } = request
  const numbering = {
    stem: REQUEST_ID.slice(0, 24),
    high: 0,
    low: 0,
    prefix: REQUEST_ID.slice(0, 32),
  }
  const identity = toIdentity(headers, numbering)
  const arrived = {
    headers,
    identity,
    url: urlOf(request),
    via: headers.get('via'),
    standing: { snapshot, forwarding: toForwarding(snapshot.settings) },
  }
  const replay = toEmptyReplay({ request, headers }, method, decision.route.route.retry)
  return toOutgoing(arrived, { facts, decision, replay })
}

/** A GET as a client sends it. */
export function requestOf(
  target: string,
  headers: Readonly<Record<string, string>> = {},
  init: RequestInit = {},
): Request {
  return new Request(`https://www.example.com${target}`, { ...init, headers })
}
