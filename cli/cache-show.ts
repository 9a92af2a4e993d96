import * as z from 'zod'
import {
  CacheLook,
  CacheStanding,
  RouteCacheCounts,
  TierHolding,
} from '../src/schema/cache-report.ts'
import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { toMoment, toPercent, toTable } from './table.ts'

export const CACHE_SHOW_USAGE = `portolan cache show URL [--header "Name: value"] [--country DE]
  Tells what each tier holds for a request, and what would be decided.
  --header "Name: value"  Of the request; may be given several times
  --country DE            Where its client is
${ROUTER_USAGE}`

export const CACHE_STATS_USAGE = `portolan cache stats
  Counts hits and misses by route, as the isolate that answers saw them.
${ROUTER_USAGE}`

// An answer may have more than this release knows.
const Look = z.looseObject({
  ...CacheLook.shape,
  tiers: z.record(z.string(), z.looseObject(TierHolding.shape)).optional(),
})
const Standing = z.looseObject({
  ...CacheStanding.shape,
  routes: z.record(z.string(), z.looseObject(RouteCacheCounts.shape)),
})

/** `portolan cache show`. */
export async function runCacheShow(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...ROUTER_OPTIONS,
    header: { type: 'string', multiple: true },
    country: { type: 'string' },
  })
  if (!parsed.ok) return wrong(parsed.error, CACHE_SHOW_USAGE)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [CACHE_SHOW_USAGE] }
  const [url, ...more] = positionals
  if (url === undefined || more.length > 0) return wrong('show takes one URL', CACHE_SHOW_USAGE)
  const headers = toHeaders(values.header ?? [])
  if (typeof headers === 'string') return wrong(headers, CACHE_SHOW_USAGE)
  const read = readApi(values)
  if (!read.ok) return wrong(read.error, CACHE_SHOW_USAGE)
  const query = new URLSearchParams({
    url,
    ...(Object.keys(headers).length > 0 && { headers: JSON.stringify(headers) }),
    ...(values.country !== undefined && { country: values.country }),
  })
  const path = `/v1/cache?${query.toString()}`
  const told = await askRouter(read.api, { method: 'GET', path }, Look)
  if (!told.ok) return told.outcome
  const lines =
    values.json === true ? [JSON.stringify(told.value, undefined, 2)] : describeLook(told.value)
  return { code: 0, lines }
}

/** `portolan cache stats`. */
export async function runCacheStats(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, ROUTER_OPTIONS)
  if (!parsed.ok) return wrong(parsed.error, CACHE_STATS_USAGE)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [CACHE_STATS_USAGE] }
  if (positionals.length > 0) {
    return wrong(
      'stats counts everything; of one URL tells: portolan cache show',
      CACHE_STATS_USAGE,
    )
  }
  const read = readApi(values)
  if (!read.ok) return wrong(read.error, CACHE_STATS_USAGE)
  const told = await askRouter(read.api, { method: 'GET', path: '/v1/cache' }, Standing)
  if (!told.ok) return told.outcome
  const lines =
    values.json === true ? [JSON.stringify(told.value, undefined, 2)] : describeStanding(told.value)
  return { code: 0, lines }
}

function toHeaders(typed: readonly string[]): Readonly<Record<string, string>> | string {
  const headers: Record<string, string> = {}
  for (const line of typed) {
    const { name, value } = /^(?<name>[^:\s]+):\s*(?<value>.*)$/.exec(line)?.groups ?? {}
    if (name === undefined || value === undefined) {
      return `a header is written "Accept-Language: de", not "${line}"`
    }
    headers[name.toLowerCase()] = value
  }
  return headers
}

function describeLook({ url, route, words, tiers }: z.output<typeof Look>): readonly string[] {
  const rows = Object.entries(tiers ?? {}).map(([tier, holding]) => [tier, holding.words])
  return [
    `url    ${url}`,
    ...(route === undefined ? [] : [`route  ${route}`]),
    `now    ${words.join('; ')}`,
    ...(rows.length > 0 ? ['', ...toTable(['TIER', 'HOLDS'], rows)] : []),
  ]
}

const HEADS = [
  'ROUTE',
  'HITS',
  'MEMORY',
  'COLO',
  'KV',
  'SHIELD',
  'STALE',
  'ASKED',
  'MISSES',
  'PAST',
] as const

function describeStanding(standing: z.output<typeof Standing>): readonly string[] {
  const { memory, routes, purges, words } = standing
  const rows = Object.entries(routes).map(([id, counts]) => [
    id,
    counts.hitShare === undefined ? '–' : toPercent(counts.hitShare * 100),
    ...[counts.hits.memory, counts.hits.colo, counts.hits.kv, counts.hits.shield].map(String),
    ...[counts.stale, counts.revalidated, counts.misses, counts.bypassed].map(String),
  ])
  const newest = purges.newest === 0 ? '' : `, the newest of ${toMoment(purges.newest)}`
  return [
    ...(rows.length > 0 ? toTable(HEADS, rows) : ['no route with a cache was asked for yet']),
    `memory: ${memory.entries} answers, ${toMegabytes(memory.bytes)} of ${toMegabytes(memory.mostBytes)}, ${memory.evictions} evicted`,
    `purges: ${purges.rows}${newest}`,
    words,
  ]
}

function toMegabytes(bytes: number): string {
  return `${Math.round(bytes / 104_857.6) / 10} MB`
}

function wrong(message: string, usage: string): Outcome {
  return { code: 1, lines: [message, '', usage] }
}
