import * as z from 'zod'
import { ProbePlan, ProberName, ProbeTarget } from '../../schema/probe-plan.ts'
import type { ProbeResult } from '../../schema/report.ts'

/** Bounds of a prober. */
export const PROBER_LIMITS = {
  /** Probes under way: as many connections may wait for an answer at a time. */
  inFlight: 6,
  /** How many of them trials may hold. */
  trials: 2,
  /** Reports under way. They are calls of objects, which do not count among the connections. */
  reports: 20,
  /** Results kept for an origin whose object does not answer; the oldest go first. */
  results: 64,
  /** How many others are looked at when one stops to answer: is it the origin, or the network here? */
  lookAround: 5,
  /** The fewest targets, on the fewest hosts, from which a prober concludes that it is blind. */
  blindTargets: 3,
  blindHosts: 2,
} as const

/** How a prober keeps time; milliseconds. */
export const PROBER_PACE = {
  /** What is due so soon begins now: fewer alarms, each of which is billed. */
  slack: 500,
  /** How much longer than its timeout a probe may be missing until it counts as lost. */
  lost: 10_000,
  /** The longest that results wait for others to travel with. */
  gather: 30_000,
  /** How soon a report is tried again. */
  reportRetry: 5000,
  /** First and longest pause before the control object is asked again. */
  planRetry: 1000,
  planRetryMost: 30_000,
  /** After so long without a word from the control object it is asked: this prober may be needed no more. */
  silence: 300_000,
  /**
   * How far back a new process looks for turns that nobody took. Less than the ten seconds without an event after
   * which a process may end: whoever took a turn since would still be there.
   */
  missed: 8000,
  /** How far apart two looks are that somebody asks for. */
  urge: 700,
} as const

/** What became of the last probe of a check. */
export interface LastProbe {
  readonly ok: boolean
  readonly isAnswered: boolean
}

/** One origin by one monitor. */
export interface Check {
  readonly origin: string
  readonly monitor: string
  /** Not before; `Infinity` where no alarm drives. */
  readonly dueMs: number
  /** Whether that is its turn in the interval, and not a look out of turn. */
  readonly isTurn: boolean
  /** When its interval is over: of several that are due the one with the earliest goes first. */
  readonly deadlineMs: number
  readonly startedMs: number
  /** While a probe is under way: until when it is waited for. */
  readonly lostMs: number | undefined
  /** How many more successes it takes until it goes back to its interval. */
  readonly doubt: number
  readonly last: LastProbe | undefined
  /** No probe of this process has ended yet: what was gathered before it went with the process before. */
  readonly isFirst: boolean
}

/** What one origin has not been told yet. */
export interface Outbox {
  readonly results: readonly ProbeResult[]
  /** When they go out. */
  readonly dueMs: number
  /** How many of them, from the first on, are on their way; undefined when none. */
  readonly sending: number | undefined
}

/** How it stands with the plan. */
export interface Planning {
  readonly isAsking: boolean
  /** The revision that the control object spoke of last. */
  readonly wanted: number
  readonly failures: number
  readonly retryMs: number
  /** When the control object was heard last. */
  readonly heardMs: number
}

/** What a new process has to know of a check in doubt. Of one without an entry the last probe was well. */
export const Doubt = z.object({
  left: z.int().describe('How many more successes it takes.'),
  isAnswered: z.boolean(),
})
export type Doubt = z.output<typeof Doubt>

/** The state of a prober. Name, plan and doubts are kept; the rest begins anew with each process. */
export const ProberState = z.object({
  name: ProberName.nullable(),
  /** How many processes there were: reports of a later one have higher sequences. */
  starts: z.int().min(0),
  plan: ProbePlan.pick({ revision: true, driver: true }),
  targets: z.record(z.string(), ProbeTarget),
  doubts: z.record(z.string(), Doubt),
  sent: z.int().min(0),
  checks: z.custom<Readonly<Record<string, Check>>>(isObject),
  outboxes: z.custom<Readonly<Record<string, Outbox>>>(isObject),
  planning: z.custom<Planning>(isObject),
  isBlind: z.boolean(),
  /** Connections that trials hold. */
  trials: z.int().min(0),
})
export type ProberState = Readonly<z.output<typeof ProberState>>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** A prober that was never called. */
export const INITIAL_PROBER: ProberState = {
  name: null,
  starts: 0,
  plan: { revision: 0, driver: 'alarm' },
  targets: {},
  doubts: {},
  sent: 0,
  checks: {},
  outboxes: {},
  planning: { isAsking: false, wanted: 0, failures: 0, retryMs: 0, heardMs: 0 },
  isBlind: false,
  trials: 0,
}

/** The key of a check. A slash is in no id. */
export function keyOf({ origin, monitor }: Pick<Check, 'origin' | 'monitor'>): string {
  return `${origin}/${monitor}`
}
