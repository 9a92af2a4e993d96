import { type Contestant, NAMES } from './contestants.ts'
import { type Cores, cpuTimeMs } from './cpu.ts'
import type { Generator } from './load.ts'
import type { BenchOrigin } from './origins.ts'
import type { Listener } from './peers.ts'
import { medianOf, type Spread, spreadOf } from './statistics.ts'

/** How long and how often. */
export interface Effort {
  /** Fresh processes: where a process lies in memory moves its cost by some per cent. */
  readonly starts: number
  readonly rounds: number
  readonly seconds: number
  /** Until V8 has compiled what runs often: several thousand requests. */
  readonly warmUpSeconds: number
}

/** Where it takes place. */
export interface Arena {
  readonly origins: readonly BenchOrigin[]
  readonly generator: Generator
  readonly cores: Cores
  readonly effort: Effort
  /** Requests at the same time to each contestant. */
  readonly connections?: number
}

/** What one contestant cost, and did when it had its core to itself. */
export interface Standing {
  readonly name: string
  readonly cpuMicroseconds: number
  /** CPU per request ÷ that of each Worker reference in the same round. */
  readonly ratios: Readonly<Record<string, Spread>>
  readonly perSecond: number
  readonly p99Ms: number
  readonly failures: number
}

const CONNECTIONS = 32

/** Few at a time: each sharer of the core has caches to refill, and timers of its own that run per second. */
const GROUPS: readonly (readonly string[])[] = [
  [NAMES.bare, NAMES.balancer, NAMES.router, NAMES.reflare],
  [NAMES.bare, NAMES.balancer, NAMES.constant, NAMES.nginx, NAMES.haproxy],
]

/** The denominators. */
const REFERENCES = [NAMES.bare, NAMES.balancer, NAMES.reflare]

/** Measures everyone against everyone in their group, then each alone, in rounds that alternate. */
export async function compareContestants(
  contestants: readonly Contestant[],
  arena: Arena,
): Promise<Standing[]> {
  const rounds: Round[] = []
  const groups = groupsOf(contestants)
  for (const names of groups) {
    const group = contestants.filter(({ name }) => names.includes(name))
    for (let start = 0; start < arena.effort.starts; start++) {
      rounds.push(...(await runTogether(group, arena)))
    }
  }
  const taking = contestants.filter(({ name }) => groups.some((names) => names.includes(name)))
  const alone = await runAlone(taking, arena)
  return taking.map(({ name }) => toStanding(name, rounds, alone.get(name) ?? []))
}

/** Where there are routers of other checkouts, they are compared with this one and the pass-through, and nobody else is. */
function groupsOf(contestants: readonly Contestant[]): readonly (readonly string[])[] {
  const known: readonly string[] = Object.values(NAMES)
  const besides = contestants.map(({ name }) => name).filter((name) => !known.includes(name))
  return besides.length === 0 ? GROUPS : [[NAMES.bare, NAMES.router, ...besides]]
}

/** CPU per request in microseconds by contestant, all at the same time on the same core. */
export type Round = ReadonlyMap<string, Sample>

interface Sample {
  readonly cpuMicroseconds: number
  readonly perSecond: number
  readonly p99Ms: number
  readonly failures: number
}

/** Measures a group at the same time on the same core, round after round. */
export async function runTogether(group: readonly Contestant[], arena: Arena): Promise<Round[]> {
  const { effort, origins, cores } = arena
  const running: [string, Listener][] = []
  for (const contestant of group) {
    running.push([contestant.name, await contestant.start(origins, cores.measured)])
  }
  const load = (seconds: number) =>
    Promise.all(
      running.map(async ([name, listener]): Promise<[string, Sample]> => {
        return [name, await sample(listener, arena, seconds)]
      }),
    )
  await load(effort.warmUpSeconds)
  const rounds: Round[] = []
  for (let round = 0; round < effort.rounds; round++)
    rounds.push(new Map(await load(effort.seconds)))
  await Promise.all(running.map(([, listener]) => listener.stop()))
  return rounds
}

async function runAlone(
  contestants: readonly Contestant[],
  arena: Arena,
): Promise<Map<string, Sample[]>> {
  const { effort, origins, cores } = arena
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]))
  for (let start = 0; start < effort.starts; start++) {
    for (const contestant of contestants) {
      const listener = await contestant.start(origins, cores.measured)
      await sample(listener, arena, effort.seconds)
      samples.get(contestant.name)?.push(await sample(listener, arena, effort.seconds))
      await listener.stop()
    }
  }
  return samples
}

async function sample(
  { pid, port, headers }: Listener,
  arena: Arena,
  seconds: number,
): Promise<Sample> {
  const beforeMs = cpuTimeMs(pid)
  const { requests, perSecond, p99Ms, failures } = await arena.generator.apply({
    port,
    seconds,
    connections: arena.connections ?? CONNECTIONS,
    cores: arena.cores.load,
    headers,
  })
  const cpuMicroseconds = ((cpuTimeMs(pid) - beforeMs) * 1000) / requests
  return { cpuMicroseconds, perSecond, p99Ms, failures }
}

function toStanding(name: string, rounds: readonly Round[], alone: readonly Sample[]): Standing {
  const own = rounds.flatMap((round) => round.get(name) ?? [])
  return {
    name,
    cpuMicroseconds: medianOf(alone.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    ratios: Object.fromEntries(
      REFERENCES.flatMap((reference) => {
        const ratios = ratiosOf(name, reference, rounds)
        return ratios.length === 0 ? [] : [[reference, spreadOf(ratios)]]
      }),
    ),
    perSecond: medianOf(alone.map(({ perSecond }) => perSecond)),
    p99Ms: medianOf(alone.map(({ p99Ms }) => p99Ms)),
    failures: [...own, ...alone].reduce((sum, { failures }) => sum + failures, 0),
  }
}

/** CPU per request of one ÷ that of another, in every round that both were in. */
export function ratiosOf(name: string, reference: string, rounds: readonly Round[]): number[] {
  return rounds.flatMap((round) => {
    const [own, other] = [round.get(name), round.get(reference)]
    return own && other ? [own.cpuMicroseconds / other.cpuMicroseconds] : []
  })
}
