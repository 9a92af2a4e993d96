import { decide } from '../../src/core/decide.ts'
import type { SteerDecision } from '../../src/core/decision.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { toFacts } from '../../src/proxy/facts.ts'
import { createLedger, type Ledger } from '../../src/proxy/ledger.ts'
import { type Outgoing, toOutgoing } from '../../src/proxy/outgoing.ts'
import { toEmptyReplay } from '../../src/proxy/replay.ts'
import { parseRequestUrl, type RequestUrl } from '../../src/proxy/request-url.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { snapshotOf } from '../support/builders.ts'

/** The moment of a test. */
export const NOW_MS = 1_800_000_000_000

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
export function urlOf(request: Request): RequestUrl {
  const parsed = parseRequestUrl(request)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.url
}

/** What is decided for a request that must be steered. */
export function decisionOf(
  request: Request,
  snapshot: Snapshot,
  ledger: Ledger = createLedger(snapshot),
): SteerDecision {
  const sources = { url: urlOf(request), client: {}, nowMs: NOW_MS, random: 0.5 }
  const decision = decide(toFacts(request, snapshot, sources), snapshot, ledger)
  if (decision.type !== 'steer') throw new Error(`not steered: ${decision.type}`)
  return decision
}

/** What a request without a body becomes on its way to the origins. */
export function outgoingOf(
  request: Request,
  difference: Difference = {},
  ip: string | undefined = '203.0.113.7',
): Outgoing {
  const snapshot = snapshotOf(configOf(difference))
  const decision = decisionOf(request, snapshot)
  return toOutgoing({
    request,
    url: urlOf(request),
    decision,
    replay: toEmptyReplay(request, decision.route.route.retry),
    ip,
    identity: { requestId: 'request-1', isGiven: true },
    settings: snapshot.settings,
  })
}

/** A GET as a client sends it. */
export function requestOf(
  target: string,
  headers: Readonly<Record<string, string>> = {},
  init: RequestInit = {},
): Request {
  return new Request(`https://www.example.com${target}`, { ...init, headers })
}
