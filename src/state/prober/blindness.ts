import type { ProbeTarget } from '../../schema/probe-plan.ts'
import { hasten } from './schedule.ts'
import { type Check, PROBER_LIMITS, type ProberState } from './state.ts'

type Checks = ProberState['checks']

/**
 * Whether nothing at all answers this prober: of at least three targets on at least two hosts none got anything
 * from the network in its last probe. Then its own network is out, and it has no say. A refusal by HTTP, of
 * whatever status, is an answer.
 */
export function isBlind({ checks, targets }: Pick<ProberState, 'checks' | 'targets'>): boolean {
  const tried = new Set<string>()
  const hosts = new Set<string>()
  for (const { origin, last } of Object.values(checks)) {
    if (last === undefined) continue
    if (last.isAnswered) return false
    tried.add(origin)
    hosts.add(hostOf(targets[origin]))
  }
  return tried.size >= PROBER_LIMITS.blindTargets && hosts.size >= PROBER_LIMITS.blindHosts
}

/**
 * When one that answered stops to answer, a few others that answered are looked at out of turn. If the network
 * here is out, they do not answer either, and others follow: all have been tried once before any was tried twice,
 * since deadlines go before doubts.
 */
export function lookAround(checks: Checks, silent: Check, nowMs: number): Checks {
  const others = Object.entries(checks)
    .filter(([, { origin, last }]) => origin !== silent.origin && last?.isAnswered === true)
    .toSorted(([, left], [, right]) => left.startedMs - right.startedMs)
    .slice(0, PROBER_LIMITS.lookAround)
    .map(([key, check]) => [key, hasten(check, nowMs)] as const)
  return others.length === 0 ? checks : { ...checks, ...Object.fromEntries(others) }
}

function hostOf(target: ProbeTarget | undefined): string {
  return target?.url.replace(/^https?:\/\//, '').replace(/:\d+$/, '') ?? ''
}
