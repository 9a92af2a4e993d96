import * as fc from 'fast-check'
import type * as z from 'zod'
import type { Observations, OriginObservation } from '../../src/core/observation.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Condition } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { factsOf, observationsOf, snapshotOf } from './builders.ts'

/** A configuration in some state, with what an isolate has seen: the inputs of a decision but the facts. */
export interface World {
  readonly snapshot: Snapshot
  readonly observations: Observations
}

const health = fc.constantFrom('unknown', 'healthy', 'degraded', 'unhealthy')
const state = fc.constantFrom('ready', 'drain', 'maintenance')
/** Mostly the usual, now and then another. */
export const mostly = <Value>(usual: Value, other: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other })

const condition = fc.record({
  health: mostly<Condition['health']>('healthy', health),
  state: mostly<NonNullable<Condition['state']>>('ready', state),
  sharePercent: mostly(100, fc.constantFrom(0, 10, 50)),
})

const observation = fc.record({
  inFlight: fc.nat(30),
  latencyMs: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
  ejectedUntilMs: mostly(0, fc.constant(1e15)),
})

const policy = fc.constantFrom(
  'failover' as const,
  'hash' as const,
  'round-robin' as const,
  'random' as const,
  'proximity' as const,
  'latency' as const,
  'least-connections' as const,
  'least-response-time' as const,
)

const POOLS = { a: ['a-1', 'a-2', 'a-3'], b: ['b-1'], c: ['c-1', 'c-2'], d: ['d-1'] }

/** The ids of all origins of a world. */
export const IDS = Object.values(POOLS).flat()

type AuthoredRoute = NonNullable<AuthoredConfig['routes']>[string]

/** What a world may be made of besides its policies. */
export interface WorldParts {
  readonly route: fc.Arbitrary<AuthoredRoute>
  readonly condition: fc.Arbitrary<z.input<typeof Condition>>
  readonly observation: fc.Arbitrary<Partial<OriginObservation>>
}

const POOL_IDS = Object.keys(POOLS)

/** Any policy over four pools of seven origins, in any mixture of health, states, shares and load. */
export const world: fc.Arbitrary<World> = worldOf({
  route: fc.constant({}),
  condition,
  observation,
})

/** The same with routes, conditions and observations of a kind. */
export function worldOf({ route, condition: standing, observation: seen }: WorldParts) {
  return fc
    .record({
      policy,
      algorithm: policy,
      minimumOrigins: fc.constantFrom(1, 2),
      attempts: fc.integer({ min: 1, max: 8 }),
      rule: fc.constantFrom('fail-open' as const, 'fallback' as const, 'refuse' as const),
      origins: fc.array(standing, { minLength: IDS.length, maxLength: IDS.length }),
      pools: fc.array(standing, { minLength: 4, maxLength: 4 }),
      seen: fc.array(seen, { minLength: IDS.length, maxLength: IDS.length }),
      route,
    })
    .map((parts): World => {
      const pools = Object.fromEntries(
        Object.entries(POOLS).map(([pool, ids]) => [
          pool,
          {
            balance: { algorithm: parts.algorithm },
            minimumOrigins: Math.min(parts.minimumOrigins, ids.length),
            origins: Object.fromEntries(
              ids.map((id) => [id, { url: `https://${id}.example.com`, maxConnections: 20 }]),
            ),
          },
        ]),
      )
      const config: AuthoredConfig = {
        pools,
        routes: {
          all: {
            steer: { policy: parts.policy, pools: ['a', 'b', 'c'], fallback: 'd' },
            retry: { attempts: parts.attempts },
            panic: { rule: parts.rule },
            ...parts.route,
          },
        },
      }
      const snapshot = snapshotOf(config, {
        origins: byId(IDS, parts.origins),
        pools: byId(POOL_IDS, parts.pools),
      })
      return { snapshot, observations: observationsOf(snapshot, byId(IDS, parts.seen)) }
    })
}

/** A request from somewhere, with its draw of chance. */
export const request = fc
  .record({
    ip: fc.ipV4(),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    latitude: fc.integer({ min: -90, max: 90 }),
    longitude: fc.integer({ min: -180, max: 180 }),
  })
  .map(({ ip, random, latitude, longitude }) =>
    factsOf({ client: { ip, location: { latitude, longitude } }, random, nowMs: 1000 }),
  )

function byId<Value>(ids: readonly string[], values: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(
    ids.flatMap((id, position) => {
      const value = values[position]
      return value === undefined ? [] : [[id, value]]
    }),
  )
}
