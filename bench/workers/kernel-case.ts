import { type Observations, UNSEEN } from '../../src/core/observation.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { RequestFacts } from '../../src/schema/facts.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { SNAPSHOT_FORMAT, type SnapshotDocument } from '../../src/schema/snapshot.ts'

/** The size and the policy of one measurement. */
export interface KernelCase {
  readonly origins: number
  readonly routes: number
  readonly algorithm: Algorithm
}

/** How the one pool orders its origins. */
export type Algorithm = NonNullable<
  NonNullable<NonNullable<AuthoredConfig['pools']>[string]['balance']>['algorithm']
>

const ROUTES_PER_HOST = 20
const REQUESTS = 512

/**
 * The published document of a case: every origin in one pool, because that is the dearest arrangement, and routes
 * that tell twenty paths apart on each of their hosts, some of them by method as well.
 */
export function documentOf(kernelCase: KernelCase): SnapshotDocument {
  const parsed = parseConfig(configOf(kernelCase))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems[0]))
  return {
    format: SNAPSHOT_FORMAT,
    revision: 1,
    form: 'bench',
    generation: 1,
    publishedAtMs: 0,
    config: parsed.config,
    conditions: Conditions.parse({}),
  }
}

/** Requests that between them reach routes all over the table, from clients all over the world. */
export function requestsOf({ routes }: KernelCase): readonly RequestFacts[] {
  return Array.from({ length: REQUESTS }, (_, at) => {
    // A stride that is prime to every table size used here spreads few requests over many routes.
    const route = (at * 7919) % routes
    return RequestFacts.parse({
      host: hostOf(route),
      path: `${pathOf(route)}/users/${at}`,
      client: {
        ip: `203.0.${at % 256}.${(at * 31) % 256}`,
        location: { latitude: ((at * 37) % 120) - 60, longitude: ((at * 53) % 360) - 180 },
      },
      nowMs: 1_800_000_000_000 + at,
      random: at / REQUESTS,
    })
  })
}

/** What an isolate has seen that has sent something to every origin. */
export function observationsOf({ origins }: Snapshot): Observations {
  const seen = origins.map((_, at) => ({
    ...UNSEEN,
    inFlight: at % 3,
    latencyMs: 20 + (at % 7),
  }))
  return { origins: seen, pools: new Map(), credits: new Map() }
}

function configOf({ origins, routes, algorithm }: KernelCase): AuthoredConfig {
  return {
    pools: {
      all: {
        balance: { algorithm },
        origins: Object.fromEntries(
          Array.from({ length: origins }, (_, at) => [
            `origin-${at}`,
            {
              url: `https://origin-${at}.example.com`,
              weight: 1 + (at % 4),
              location: { latitude: ((at * 41) % 120) - 60, longitude: ((at * 67) % 360) - 180 },
            },
          ]),
        ),
      },
    },
    routes: Object.fromEntries(
      Array.from({ length: routes }, (_, at) => [
        `route-${at}`,
        {
          match: {
            hosts: [hostOf(at)],
            path: `${pathOf(at)}/*`,
            ...(at % 5 === 0 && { methods: ['GET', 'HEAD'] }),
          },
          steer: { policy: 'failover', pools: ['all'] },
        },
      ]),
    ),
  }
}

function hostOf(route: number): string {
  return `host-${Math.floor(route / ROUTES_PER_HOST)}.example.com`
}

function pathOf(route: number): string {
  return `/service-${route % ROUTES_PER_HOST}`
}
