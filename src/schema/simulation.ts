import * as z from 'zod'
import { Conditions } from './condition.ts'
import { ClientFacts, RequestFacts } from './facts.ts'
import { Id } from './id.ts'
import { RefusalReason } from './reason.ts'

/** Bounds of a simulation: what one call may decide, and what one answer may list. */
export const SIMULATION_LIMITS = {
  clients: 20_000,
  facts: 5000,
  places: 256,
  requests: 64,
  lost: 1000,
  moves: 100,
  refusals: 100,
} as const

const weight = z
  .number()
  .positive()
  .max(1_000_000_000)
  .default(1)
  .describe('How much of the traffic it is, relative to the others.')

/** Requests as they were logged, or as somebody thought of them, each so much of the traffic. */
const GivenMix = z.strictObject({
  type: z.literal('given'),
  requests: z
    .array(z.strictObject({ weight, facts: RequestFacts }))
    .min(1)
    .max(SIMULATION_LIMITS.facts),
})

/** Clients at places, each with an address of its own, who make the same kinds of requests. */
const GeneratedMix = z.strictObject({
  type: z.literal('generated'),
  clients: z.int().min(1).max(SIMULATION_LIMITS.clients).default(2000),
  seed: z.int().min(0).max(4_294_967_295).default(1).describe('The same seed, the same clients.'),
  places: z
    .array(ClientFacts.omit({ ip: true }).extend({ weight }))
    .min(1)
    .max(SIMULATION_LIMITS.places)
    .prefault([{}])
    .describe('Where clients are: country, continent, location, as much as the policies ask for.'),
  requests: z
    .array(RequestFacts.omit({ client: true, nowMs: true, random: true }).extend({ weight }))
    .min(1)
    .max(SIMULATION_LIMITS.requests)
    .describe(
      'What they ask for. With a "bond" they are bound to its origin, one millisecond after the other, the last at ' +
        'its time.',
    ),
  nowMs: z
    .number()
    .optional()
    .describe('When they ask; default: now. At the end of a drain its clients leave.'),
})

/** The traffic that is simulated. */
export const TrafficMix = z.discriminatedUnion('type', [GivenMix, GeneratedMix])
export type TrafficMix = z.output<typeof TrafficMix>

const ids = z.array(Id).max(SIMULATION_LIMITS.lost).default([])

/** What may be asked: this traffic, as things stand now and as they would stand then. */
export const SimulationQuestion = z.strictObject({
  traffic: TrafficMix,
  requestsPerSecond: z
    .number()
    .positive()
    .max(100_000_000)
    .optional()
    .describe('Of all the traffic: then origins with a "capacity" are held against it.'),
  config: z.unknown().optional().describe('A draft in place of the configuration in force.'),
  conditions: Conditions.optional().describe('In place of those that hold now.'),
  lost: z
    .strictObject({ origins: ids, pools: ids })
    .prefault({})
    .describe('Taken to be unhealthy on top of that: "what if this region were lost?"'),
})
export type SimulationQuestion = z.output<typeof SimulationQuestion>

const percents = { beforePercent: z.number(), afterPercent: z.number() }
const rates = {
  beforePerSecond: z.number().optional().describe('Copies of mirrored requests included.'),
  afterPerSecond: z.number().optional(),
}

/** What becomes of a client: a pool serves it, the router answers by itself, or it is refused. */
export const Destination = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pool'), pool: Id }),
  z.strictObject({ type: z.literal('router') }),
  z.strictObject({ type: z.literal('refused') }),
])
export type Destination = z.output<typeof Destination>

const RefusalShare = z.strictObject({ reason: RefusalReason, ...percents, words: z.string() })

/** What comes of it. Percents are of the whole traffic. */
export const Simulation = z.strictObject({
  decided: z
    .int()
    .describe('Requests that were decided, once as things stand and once as they would.'),
  marginPercent: z
    .number()
    .describe(
      'Within which shares are right, 19 times of 20: it falls with the number of clients.',
    ),
  origins: z
    .array(
      z.strictObject({
        origin: Id,
        pool: Id,
        ...percents,
        ...rates,
        capacity: z.number().optional(),
      }),
    )
    .describe('Those that get any of it.'),
  pools: z.array(z.strictObject({ pool: Id, ...percents, ...rates })),
  exceeded: z
    .array(
      z.strictObject({
        origin: Id,
        pool: Id,
        requestsPerSecond: z.number(),
        capacity: z.number(),
        wasExceeded: z.boolean().describe('Whether it is exceeded as things stand already.'),
      }),
    )
    .describe('Origins that would get more than they can take, the worst first.'),
  movedPercent: z.number().describe('Of the traffic: who would go to another pool, or to none.'),
  moves: z
    .array(z.strictObject({ from: Destination, to: Destination, percent: z.number() }))
    .describe('From where to where, the most first.'),
  tolerances: z
    .array(
      z.strictObject({
        tolerance: z.enum(['none', 'last-resort', 'reserve', 'fail-open', 'fallback']),
        ...percents,
      }),
    )
    .describe('How far decisions had to go to find somebody who serves.'),
  refusals: z.array(RefusalShare),
})
export type Simulation = z.output<typeof Simulation>
