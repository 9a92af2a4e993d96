import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { Id } from './id.ts'
import { Key } from './key.ts'
import { Asn, Continent, Country, Region } from './place.ts'

/** Bounds of a steering policy. */
export const STEER_LIMITS = { pools: 256, places: 1024 } as const

/** A share of traffic relative to its siblings. 0 takes none, but stays in the order for failover. */
export const Weight = z.number().min(0).max(1_000_000)

/** One pool of a set, with the weight it has there. */
export interface WeightedPool {
  readonly pool: string
  readonly weight: number
}

/** Pools and how a set of them is ordered: a list in its order, a map of weights by weight. */
export interface PoolSet {
  readonly ordered: boolean
  readonly members: readonly WeightedPool[]
}

/** Pools as an ordered list (`["eu", "us"]`) or as a map of weights (`{ "eu": 90, "us": 10 }`). */
export const PoolSet = z
  .union([
    z.array(Id).min(1).max(STEER_LIMITS.pools),
    boundedRecord(Id, Weight, { least: 1, most: STEER_LIMITS.pools, plural: 'pools' }),
  ])
  .transform((set): PoolSet => {
    if (Array.isArray(set)) {
      return { ordered: true, members: set.map((pool) => ({ pool, weight: 1 })) }
    }
    const members = Object.entries(set).map(([pool, weight]) => ({ pool, weight }))
    return { ordered: false, members }
  })

const fallback = Id.optional().describe(
  'Takes the traffic when every other pool is out, whatever its own health.',
)
const pools = PoolSet.describe('Ordered list of pools, or a map of pool to weight.')

/** An autonomous system number as a key: JSON keys are strings. */
const AsnKey = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, { error: 'a key of "asns" is an AS number, such as "64500"' })
  .refine((text) => Asn.safeParse(Number(text)).success, {
    error: 'an AS number has 32 bits: it is at most 4294967295',
  })

function places(name: z.ZodType<string, string>) {
  return boundedRecord(name, PoolSet, { most: STEER_LIMITS.places, plural: 'places' }).default({})
}

const explore = z
  .number()
  .min(0)
  .max(0.5)
  .default(0.05)
  .describe(
    'Share of requests that try another than the fastest, so that a slow start is not for ever.',
  )

const Geo = z.strictObject({
  policy: z.literal('geo'),
  asns: places(AsnKey),
  regions: places(Region),
  countries: places(Country),
  continents: z.partialRecord(Continent, PoolSet).default({}),
  default: PoolSet.describe('Where nothing narrower fits, and behind every narrower place.'),
  spill: z
    .enum(['wider', 'none'])
    .default('wider')
    .describe('Whether wider places and the default stand behind a place whose pools are all out.'),
  key: Key.default('client'),
  fallback,
})

/** The steering policies, each ordering the pools of a route. */
export const Steer = z.discriminatedUnion('policy', [
  z.strictObject({ policy: z.literal('failover'), pools, fallback }),
  z.strictObject({
    policy: z.literal('weighted'),
    weights: PoolSet,
    key: Key.default('client').describe('Default "client": a client stays where it was.'),
    fallback,
  }),
  z.strictObject({ policy: z.literal('hash'), pools, key: Key.default('client'), fallback }),
  z.strictObject({ policy: z.literal('round-robin'), pools, fallback }),
  z.strictObject({ policy: z.literal('random'), pools, fallback }),
  Geo,
  z.strictObject({ policy: z.literal('proximity'), pools, fallback }),
  z.strictObject({ policy: z.literal('latency'), pools, explore, fallback }),
  z.strictObject({ policy: z.literal('least-connections'), pools, fallback }),
  z.strictObject({ policy: z.literal('least-response-time'), pools, fallback }),
])
export type Steer = z.output<typeof Steer>

/** How origins are ordered inside a pool. The default spreads by weight and by chance, as all peers do. */
export const Balance = z.discriminatedUnion('algorithm', [
  z.strictObject({ algorithm: z.literal('weighted'), key: Key.default('random') }),
  z.strictObject({ algorithm: z.literal('hash'), key: Key.default('client') }),
  z.strictObject({ algorithm: z.literal('failover') }),
  z.strictObject({ algorithm: z.literal('round-robin') }),
  z.strictObject({ algorithm: z.literal('random') }),
  z.strictObject({ algorithm: z.literal('proximity') }),
  z.strictObject({ algorithm: z.literal('latency'), explore }),
  z.strictObject({ algorithm: z.literal('least-connections') }),
  z.strictObject({ algorithm: z.literal('least-response-time') }),
])
export type Balance = z.output<typeof Balance>
