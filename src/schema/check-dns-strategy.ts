import type { DnsRecord } from './dns.ts'
import { answersOf, type KeptRecord, oddIn, wrongIn } from './dns-kept.ts'
import { type Problem, toPointer } from './problem.ts'
import { poolSetsOf } from './references.ts'

/** Whether the strategy of a record is one that its route and its provider can follow. */
export function checkDnsStrategy(kept: KeptRecord): Problem[] {
  const { route, record } = kept
  if (route.steer === undefined) {
    const message = `route "${record.route}" answers itself, and has no pools to answer with`
    return [wrongIn(kept, 'route', { message, cure: 'name a route that steers to pools' })]
  }
  return [
    ...checkRoute(kept),
    ...checkGeo(kept),
    ...checkOneValue(kept),
    ...checkMostSets(kept),
    ...checkByPool(kept, 'healthChecks'),
    ...checkByPool(kept, 'latencyRegions'),
  ]
}

/** Policies that are meant for one pool after the other. */
const IN_LINE: readonly string[] = ['failover', 'geo']

function checkRoute(kept: KeptRecord): Problem[] {
  const { route, record, pools } = kept
  const { steer, enabled } = route
  const { strategy } = record
  const problems: Problem[] = []
  if (!enabled) {
    const message = `route "${record.route}" is off, so the record stays as it stands`
    problems.push(oddIn(kept, 'route', { message, cure: 'enable it, or remove the record' }))
  }
  const policy = steer?.policy ?? ''
  if (strategy === 'failover' && !IN_LINE.includes(policy) && pools.length > 1) {
    const message = `the policy "${policy}" spreads requests over pools, and "failover" answers with one of them`
    const cure = 'use "all-healthy" or "weighted", or a route of its own with the policy "failover"'
    problems.push(oddIn(kept, 'strategy', { message, cure }))
  }
  if (policy === 'geo' && (strategy === 'all-healthy' || strategy === 'weighted')) {
    const message = `"${strategy}" passes over the places of route "${record.route}": everybody gets the same answers`
    const cure = 'use "geo" where the provider has places, or "failover" for the default place'
    problems.push(oddIn(kept, 'strategy', { message, cure }))
  }
  return strategy === 'weighted' ? [...problems, ...checkWeights(kept)] : problems
}

/** Weights that nobody would see. */
function checkWeights(kept: KeptRecord): Problem[] {
  const { pools, abilities, route } = kept
  const weights = new Set(pools.flatMap(({ weight }) => (weight > 0 ? [weight] : [])))
  if (route.steer?.policy !== 'geo' && weights.size <= 1 && pools.length > 1) {
    const message = 'the pools of the route weigh the same, so "weighted" answers with all alike'
    const cure = 'give the route weights, or use "all-healthy"'
    return [oddIn(kept, 'strategy', { message, cure })]
  }
  const isTold = abilities.variants.includes('weight')
  if (isTold || weights.size <= 1 || pools.some((pool) => answersOf(pool).length > 1)) return []
  const message = `a provider of type "${kept.type}" has no weights, and pools of one answer each cannot tell them by number`
  const cure = 'give pools several addresses, or use "failover" or "all-healthy"'
  return [oddIn(kept, 'strategy', { message, cure })]
}

function checkGeo(kept: KeptRecord): Problem[] {
  const { route, record, abilities, type } = kept
  if (record.strategy !== 'geo') return []
  if (!abilities.variants.includes('place')) {
    const message = `a provider of type "${type}" cannot answer by place`
    const cure = 'use "failover" or "all-healthy", or a provider of type "route53"'
    return [wrongIn(kept, 'strategy', { message, cure })]
  }
  const { steer } = route
  if (steer?.policy !== 'geo') {
    const message = `route "${record.route}" does not go by place: its policy is "${steer?.policy}"`
    return [wrongIn(kept, 'strategy', { message, cure: 'use a route with the policy "geo"' })]
  }
  const at = (...path: readonly string[]) => toPointer(['routes', record.route, 'steer', ...path])
  const passed = `record "${kept.id}" passes it over, and answers as the wider place says`
  const odd = (path: string, message: string): Problem => {
    return { severity: 'warning', path, message: `${message}: ${passed}`, cure: UNDERSTOOD }
  }
  const asns = Object.keys(steer.asns).length > 0
  return [
    ...(asns ? [odd(at('asns'), 'DNS knows no AS numbers')] : []),
    ...Object.keys(steer.countries).flatMap((country) =>
      NOWHERE.includes(country)
        ? [odd(at('countries', country), `"${country}" is no country in DNS`)]
        : [],
    ),
    ...Object.keys(steer.regions).flatMap((region) =>
      abilities.regionsOf.includes(region.slice(0, 2))
        ? []
        : [
            odd(
              at('regions', region),
              `a provider of type "${type}" does not know the region "${region}"`,
            ),
          ],
    ),
  ]
}

/** Codes of the edge for clients that are in no country, or in one that it does not know. */
const NOWHERE: readonly string[] = ['T1', 'XX']

const UNDERSTOOD = 'nothing, if that is meant; or give the record a route of its own'

/** Where each place or pool has a set of its own, there can be too many for the provider. */
function checkMostSets({ route, ...kept }: KeptRecord): Problem[] {
  const { record, abilities, pools } = kept
  const { strategy } = record
  const isByPool = strategy === 'weighted' || record.latencyRegions !== undefined
  if (abilities.variants.length === 0 || (strategy !== 'geo' && !isByPool)) return []
  const { steer } = route
  const isByPlace = strategy === 'geo' && steer?.policy === 'geo'
  const sets = isByPlace ? poolSetsOf(steer).length - Object.keys(steer.asns).length : pools.length
  if (sets <= abilities.mostVariants) return []
  const message = `it would have ${sets} record sets, and a provider of type "${kept.type}" takes ${abilities.mostVariants} of one name and type`
  return [wrongIn(kept, 'strategy', { message, cure: 'name fewer, in a route of its own' })]
}

/** A CNAME has one value: several answers need a set for each. */
function checkOneValue(kept: KeptRecord): Problem[] {
  const { record, abilities } = kept
  const { strategy, type, latencyRegions } = record
  if (type !== 'CNAME' || strategy === 'failover' || strategy === 'geo') return []
  const by = strategy === 'weighted' ? 'weight' : 'latency'
  const isVaried = strategy === 'weighted' || latencyRegions !== undefined
  if (isVaried && abilities.variants.includes(by)) return []
  const message = `a CNAME has one value, and "${strategy}" would give it several`
  const cure = 'use "failover", or types A and AAAA with the addresses under "answers"'
  return [wrongIn(kept, 'strategy', { message, cure })]
}

const BY_POOL = {
  healthChecks: { strategy: 'failover', by: 'failover', what: 'health check' },
  latencyRegions: { strategy: 'all-healthy', by: 'latency', what: 'AWS region' },
} as const

/** What a provider of its own ability is told by pool: of every pool, since each may have to answer. */
function checkByPool(kept: KeptRecord, setting: keyof typeof BY_POOL): Problem[] {
  const { record, abilities, type, pools } = kept
  const said: Readonly<Record<string, string>> | undefined = record[setting]
  if (said === undefined) return []
  const { strategy, by, what } = BY_POOL[setting]
  if (!abilities.variants.includes(by)) {
    const message = `"${setting}" is for Route 53, and this provider is of type "${type}"`
    return [wrongIn(kept, setting, { message, cure: 'remove it' })]
  }
  if (record.strategy !== strategy) {
    return [oddIn(kept, setting, notWith(setting, record.strategy, strategy))]
  }
  const missing = pools.find(({ id }) => !Object.hasOwn(said, id))
  const idle = Object.keys(said).find((id) => !pools.some((pool) => pool.id === id))
  const problems: Problem[] = []
  if (missing) {
    const message = `pool "${missing.id}" of route "${record.route}" has no ${what}`
    problems.push(wrongIn(kept, setting, { message, cure: `give "${missing.id}" one, too` }))
  }
  if (idle !== undefined) {
    const message = `route "${record.route}" has no pool "${idle}"`
    problems.push(oddIn(kept, [setting, idle], { message, cure: 'remove it, or correct the name' }))
  }
  return problems
}

function notWith(setting: string, strategy: DnsRecord['strategy'], other: string) {
  const message = `"${setting}" has no effect with the strategy "${strategy}"`
  return { message, cure: `remove it, or use "${other}"` }
}
