import type { Config } from './config.ts'
import type { DnsRecord } from './dns.ts'
import { ABILITIES, type Abilities } from './dns-abilities.ts'
import { createAnswerReader } from './dns-origin.ts'
import { type Problem, toPointer } from './problem.ts'
import { poolSetsOf } from './references.ts'
import type { Route } from './route.ts'

/** A record with all that it names: who keeps it, its route, and the pools of that. */
export interface KeptRecord {
  readonly id: string
  readonly record: DnsRecord
  readonly abilities: Abilities
  /** How its kind of provider is called in the configuration. */
  readonly type: string
  readonly route: Route
  /** Every pool that could answer, the fallback pool included. */
  readonly pools: readonly KeptPool[]
}

/** A pool, and what each of its origins is in this record: canonical values, or none. */
export interface KeptPool {
  readonly id: string
  readonly weight: number
  readonly origins: readonly { readonly id: string; readonly values: readonly string[] }[]
}

/** The records whose provider and route are there; what is not, is told as a reference that leads nowhere. */
export function keptRecords({ dns, pools, routes }: Config): KeptRecord[] {
  if (dns === undefined) return []
  const readAnswers = createAnswerReader()
  return Object.entries(dns.records).flatMap(([id, record]) => {
    const settings = dns.providers[record.provider]
    const route = routes[record.route]
    if (settings === undefined || route === undefined) return []
    const { type } = settings
    const named = poolsOf(route).flatMap(({ pool, weight }) => {
      const origins = Object.entries(pools[pool]?.origins ?? {})
      const values = origins.map(([origin, { url }]) => {
        return { id: origin, values: readAnswers(record, { id: origin, pool, url }) }
      })
      return pools[pool] ? [{ id: pool, weight, origins: values }] : []
    })
    return [{ id, record, abilities: ABILITIES[type], type, route, pools: named }]
  })
}

function poolsOf({ steer }: Route): readonly { readonly pool: string; readonly weight: number }[] {
  if (steer === undefined) return []
  const members = poolSetsOf(steer).flatMap(({ set }) => set.members)
  const weights = new Map<string, number>()
  for (const { pool, weight } of members) {
    weights.set(pool, Math.max(weight, weights.get(pool) ?? 0))
  }
  const { fallback } = steer
  if (fallback !== undefined && !weights.has(fallback)) weights.set(fallback, 0)
  return [...weights].map(([pool, weight]) => ({ pool, weight }))
}

/** Every value that a pool can answer with, each once. */
export function answersOf({ origins }: KeptPool): readonly string[] {
  return [...new Set(origins.flatMap(({ values }) => values))]
}

/** What a problem is, and what to do about it. */
export type ProblemWords = Pick<Problem, 'message' | 'cure'>

/** Something in a record that cannot work. */
export function wrongIn(
  { id }: Pick<KeptRecord, 'id'>,
  setting: keyof DnsRecord | readonly [keyof DnsRecord, string],
  words: ProblemWords,
): Problem {
  return { severity: 'error', path: pointerTo(id, setting), ...words }
}

/** Something in a record that works, but hardly as it is meant. */
export function oddIn(
  { id }: Pick<KeptRecord, 'id'>,
  setting: keyof DnsRecord | readonly [keyof DnsRecord, string],
  words: ProblemWords,
): Problem {
  return { severity: 'warning', path: pointerTo(id, setting), ...words }
}

function pointerTo(id: string, setting: keyof DnsRecord | readonly string[]): string {
  return toPointer(['dns', 'records', id, ...(typeof setting === 'string' ? [setting] : setting)])
}
