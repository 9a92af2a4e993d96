import type { Dns, DnsRecord } from '../../schema/dns.ts'
import { ABILITIES, type Abilities } from '../../schema/dns-abilities.ts'
import type { RecordSet, WantedRecord } from '../../schema/dns-record-set.ts'
import { createAnswerReader, type ReadAnswers } from '../../schema/dns-origin.ts'
import { toCanonicalValues } from '../../schema/dns-value.ts'
import type { ZoneName } from '../../schema/dns-zone.ts'
import { RequestFacts } from '../../schema/facts.ts'
import type { SnapshotDocument } from '../../schema/snapshot.ts'
import { compile } from '../compile.ts'
import { nothingSeen } from '../observation.ts'
import type { Inputs } from '../situation.ts'
import type { CompiledPool, CompiledRoute } from '../snapshot.ts'
import { createAilmentReader, type ReadAilments } from './ailments.ts'
import { chooseGeo } from './geo.ts'
import type { SteeringRoute } from './line.ts'
import { type Choice, chooseAllHealthy, chooseFailover, type Scope } from './strategy.ts'
import { chooseWeighted } from './weighted.ts'
import { toWholeConditions } from './whole.ts'
import { listWords, toleranceWords } from './words.ts'

/**
 * What should stand for every record of one zone at one provider, by the decision that a request of its route would
 * get now. The same document gives the same records. `hold` says why nothing can be said: then `sets` is empty, and
 * what stands, stays. `reason` says in words who answers, who does not, and why.
 */
export function wantedRecords(
  document: SnapshotDocument,
  { provider, zone }: ZoneName,
  nowMs: number,
): WantedRecord[] {
  const { dns } = document.config
  if (dns === undefined) return []
  const mine = Object.entries(dns.records).filter(
    ([, record]) => record.provider === provider && record.zone === zone,
  )
  if (mine.length === 0) return []
  const moment = toMoment(
    document,
    mine.map(([, { route }]) => route),
  )
  return mine.map(([id, record]) => toWanted({ id, record, dns, nowMs, ...moment }))
}

interface Moment {
  readonly readAilments: ReadAilments
  readonly readAnswers: ReadAnswers
  readonly inputs: Omit<Inputs, 'facts'>
  readonly calm: Omit<Inputs, 'facts'>
  readonly routes: ReadonlyMap<string, CompiledRoute>
}

interface Request extends Moment {
  readonly id: string
  readonly record: DnsRecord
  readonly dns: Dns
  readonly nowMs: number
}

/** Compiles what these routes need and no more: a zone must not cost what ten thousand routes do. */
function toMoment(document: SnapshotDocument, ids: readonly string[]): Moment {
  const named = new Set(ids)
  const routes = Object.entries(document.config.routes).filter(([id]) => named.has(id))
  const config = { ...document.config, routes: Object.fromEntries(routes) }
  const conditions = toWholeConditions(document.conditions)
  const snapshot = compile({ ...document, config, conditions })
  const well = { origins: {}, pools: {}, routes: {} }
  const calm = compile({ ...document, config, conditions: well }, snapshot)
  const observations = nothingSeen(snapshot)
  return {
    readAilments: createAilmentReader(document),
    readAnswers: createAnswerReader(),
    inputs: { snapshot, observations },
    calm: { snapshot: calm, observations },
    routes: new Map(snapshot.routes.map((route) => [route.id, route])),
  }
}

const STRATEGIES: Readonly<Record<DnsRecord['strategy'], (scope: Scope) => Choice | undefined>> = {
  failover: chooseFailover,
  'all-healthy': chooseAllHealthy,
  weighted: chooseWeighted,
  geo: chooseGeo,
}

function toWanted(request: Request): WantedRecord {
  const { id, record, dns, routes, nowMs, inputs } = request
  const { name, type } = record
  const settings = dns.providers[record.provider]
  const route = routes.get(record.route)
  if (settings === undefined) return toHeld(request, `There is no provider "${record.provider}".`)
  if (route === undefined) return toHeld(request, `Route "${record.route}" is off.`)
  if (!isSteering(route)) return toHeld(request, `Route "${record.route}" goes to no pools.`)
  const facts = RequestFacts.parse({ host: name, nowMs })
  const abilities = ABILITIES[settings.type]
  const choice = STRATEGIES[record.strategy]({ ...request, route, facts, abilities })
  const ailments = poolsOf(route, inputs).flatMap(request.readAilments)
  const degraded = ailments.length > 0
  const notWell = degraded ? `Not well: ${listWords(ailments)}.` : ''
  if (choice === undefined || choice.answers.length === 0) {
    const words = choice?.words ?? `No pool of route "${route.id}" may serve.`
    return { ...toHeld(request, words, notWell), degraded }
  }
  const ttl = toTtl(record, abilities, degraded ? 'degraded' : 'well')
  const lowered = ttl < toTtl(record, abilities, 'well') ? `TTL ${ttl} s until all is well.` : ''
  const reason = [choice.words, toleranceWords(choice.tolerance), notWell, lowered]
  const common = {
    ...(isProxied(record, abilities) && { proxied: true }),
    mark: { owner: dns.owner, record: id },
  }
  const sets = choice.answers.map(({ values, variant }): RecordSet => {
    const of = { name, type, ttl, values: toCanonicalValues(type, values) }
    return { ...of, ...(variant && { variant }), ...common }
  })
  return { record: id, key: { name, type }, sets, degraded, reason: sentences(reason, 1024) }
}

function isSteering(route: CompiledRoute): route is SteeringRoute {
  return route.steer !== undefined
}

function poolsOf({ steer }: SteeringRoute, { snapshot }: Pick<Inputs, 'snapshot'>): CompiledPool[] {
  const { pools, fallback } = steer
  const indexes = new Set(fallback === undefined ? pools : [...pools, fallback])
  return [...indexes].flatMap((index) => snapshot.pools[index] ?? [])
}

/** What Cloudflare calls "automatic", the one TTL of a proxied record. */
const AUTOMATIC = 1

function toTtl(record: DnsRecord, abilities: Abilities, state: 'well' | 'degraded'): number {
  if (isProxied(record, abilities)) return AUTOMATIC
  const { leastTtl } = abilities
  if (state === 'well') return Math.max(leastTtl, record.ttl)
  return Math.max(leastTtl, record.degradedTtl ?? Math.floor(record.ttl / 2))
}

function isProxied({ proxied }: DnsRecord, { proxies }: Abilities): boolean {
  return proxied === true && proxies
}

function toHeld({ id, record }: Request, words: string, more = ''): WantedRecord {
  const { name, type } = record
  const hold = sentences([words, 'What stands, stays.', more], 512)
  return { record: id, key: { name, type }, sets: [], degraded: false, hold, reason: hold }
}

function sentences(parts: readonly string[], most: number): string {
  const text = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ')
  if (text.length <= most) return text
  // Half of a character of two units would be none.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
