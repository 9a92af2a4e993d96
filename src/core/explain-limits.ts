import type { LimitKey, Quota } from '../schema/limit.ts'
import type { CompiledLimit } from './compile-limits.ts'
import type { CompiledRoute } from './snapshot.ts'

/** What the limits of a route are, in words. What they have counted is known where requests are counted, not here. */
export function limitWords({ limits, route }: CompiledRoute): readonly string[] {
  const { concurrency } = route
  const words = limits.map(rateWords)
  if (concurrency === undefined) return words
  const { perAddress, perRoute } = concurrency
  const whole = perRoute === undefined ? '' : ` and ${perRoute} of the route`
  return [
    ...words,
    `At the same time: ${perAddress} requests of an address${whole}, in each isolate.`,
  ]
}

const WHERE: Readonly<Record<CompiledLimit['mode'], string>> = {
  local: 'counted by each isolate for itself',
  platform: 'counted by the platform in each location',
  global: 'counted everywhere together',
}

function rateWords({ id, key, quotas, mode, binding }: CompiledLimit): string {
  const where = binding === undefined ? WHERE[mode] : `${WHERE[mode]} (${binding})`
  return `Limit ${id}: ${quotas.map(quotaWords).join(' and ')}, by ${keyWords(key)}, ${where}.`
}

function quotaWords({ requests, perMs, burst }: Quota): string {
  const atOnce = burst === requests ? '' : ` (${burst} at once)`
  return `${requests} requests in ${perMs / 1000} s${atOnce}`
}

function keyWords(key: LimitKey): string {
  if (typeof key === 'string') return key
  return 'header' in key ? `header ${key.header}` : `cookie ${key.cookie}`
}
