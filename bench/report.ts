import type { TraceStanding } from './cache-trace.ts'
import type { CacheStanding } from './cache.ts'
import { NAMES } from './contestants.ts'
import type { FeatureStanding } from './features.ts'
import type { KernelStanding } from './kernel.ts'
import type { MemoryStanding } from './memory.ts'
import type { Spread } from './statistics.ts'
import type { Standing } from './versus.ts'
import type { Weight } from './weight.ts'

/** Everything that one run has found. What could not be measured is absent. */
export interface Results {
  readonly command: string
  readonly takenAt: string
  readonly machine: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly standings: readonly Standing[]
  readonly features: readonly FeatureStanding[]
  readonly caches: readonly CacheStanding[]
  readonly kernel: readonly KernelStanding[]
  readonly traces: readonly TraceStanding[]
  readonly memory: readonly MemoryStanding[]
  readonly weight?: Weight
}

/** The results as Markdown tables. */
export function toMarkdown(results: Results): string {
  const machine = Object.entries(results.machine).map(([name, value]) => `${name} ${value}`)
  return [
    `\`${results.command}\`, ${results.takenAt.slice(0, 10)}. ${machine.join(' · ')}.`,
    ...results.notes,
    ...(results.standings.length > 0
      ? ['### The request path', standingsTable(results.standings)]
      : []),
    ...(results.features.length > 0
      ? ['### What features cost', featuresTable(results.features)]
      : []),
    ...(results.caches.length > 0
      ? ['### What an answer by the cache costs', cachesTable(results.caches)]
      : []),
    ...(results.kernel.length > 0 ? ['### The decision', kernelTable(results.kernel)] : []),
    ...(results.traces.length > 0 ? ['### What a cache answers', tracesTable(results.traces)] : []),
    ...(results.memory.length > 0
      ? ['### What a full memory holds', memoryTable(results.memory)]
      : []),
    ...(results.weight ? ['### Bundle and start', weightTable(results.weight)] : []),
  ].join('\n\n')
}

function standingsTable(standings: readonly Standing[]): string {
  const references = [NAMES.bare, NAMES.balancer, NAMES.reflare]
  return toTable(
    [
      'CPU of the process per request',
      ...references.map((name) => `÷ ${name}`),
      'µs',
      'requests/s',
      'p99 ms',
      'failures',
    ],
    standings.map(({ name, ratios, cpuMicroseconds, perSecond, p99Ms, failures }) => [
      name,
      ...references.map((reference) => ratioCell(ratios[reference])),
      cpuMicroseconds.toFixed(0),
      perSecond.toFixed(0),
      p99Ms.toFixed(1),
      String(failures),
    ]),
  )
}

function featuresTable(features: readonly FeatureStanding[]): string {
  return toTable(
    ['CPU of the process per request', '÷ without', 'failures'],
    features.map(({ name, ratio, failures }) => [name, ratioCell(ratio), String(failures)]),
  )
}

function cachesTable(caches: readonly CacheStanding[]): string {
  return toTable(
    ['CPU of the process per request', '÷', 'ratio', 'failures'],
    caches.map(({ name, reference, ratio, failures }) => {
      return [name, reference, ratioCell(ratio), String(failures)]
    }),
  )
}

function ratioCell(ratio: Spread | undefined): string {
  if (!ratio) return ''
  return `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`
}

function kernelTable(kernel: readonly KernelStanding[]): string {
  return toTable(
    [
      'algorithm',
      'origins',
      'routes',
      'decide µs',
      'compile ms',
      'new health ms',
      'JSON ms',
      'KiB',
    ],
    kernel.map((row) => [
      row.algorithm,
      String(row.origins),
      row.routes.toLocaleString('en'),
      (row.decideMs.median * 1000).toFixed(2),
      row.compileMs.median.toFixed(2),
      row.recompileMs.median.toFixed(2),
      row.textMs.median.toFixed(2),
      (row.snapshotBytes / 1024).toFixed(0),
    ]),
  )
}

function tracesTable(traces: readonly TraceStanding[]): string {
  return toTable(
    [
      'trace',
      'requests/s',
      'memory',
      'data centre',
      'KV',
      'shield',
      'answered',
      'origin spared',
      'KV reads, writes for a million',
      '$ for a million: requests, KV, shield',
    ],
    traces.map(({ trace, perSecond, tally, cost }) => {
      const { requests, memory, colo, kv, shield, origin, originRequests } = tally
      const share = (count: number) => `${((100 * count) / requests).toFixed(1)} %`
      const perMillion = (count: number) =>
        Math.round((1e6 * count) / requests).toLocaleString('en')
      return [
        trace,
        String(perSecond),
        ...[memory, colo, kv].map(share),
        tally.shieldCalls === 0 ? '' : share(shield),
        share(requests - origin),
        share(requests - originRequests),
        `${perMillion(tally.kvReads)}, ${perMillion(tally.kvWrites)}`,
        [cost.requests, cost.kv, cost.shield].map((dollars) => dollars.toFixed(2)).join(', '),
      ]
    }),
  )
}

function memoryTable(standings: readonly MemoryStanding[]): string {
  return toTable(
    ['bytes of each', 'at most, MiB', 'answers', 'counted', 'held', 'process before', 'at most'],
    standings.map(({ bodyBytes, mostBytes, entries, countedBytes, heldBytes, processBytes }) => [
      bodyBytes.toLocaleString('en'),
      toMib(mostBytes),
      entries.toLocaleString('en'),
      toMib(countedBytes),
      toMib(heldBytes),
      ...(processBytes ? [toMib(processBytes.before), toMib(processBytes.most)] : ['', '']),
    ]),
  )
}

function weightTable(weight: Weight): string {
  return toTable(
    ['what', 'value'],
    [
      ['bundle, as built', toKib(weight.bundleBytes)],
      ['minified', toKib(weight.minifiedBytes)],
      ['minified and gzipped', toKib(weight.gzipBytes)],
      ['process start until it listens', toMs(weight.startMs)],
      ['the same for an empty Worker', toMs(weight.emptyStartMs)],
      ['first request', toMs(weight.firstRequestMs)],
    ],
  )
}

function toMib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}

function toKib(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`
}

function toMs({ median }: Spread): string {
  return `${median.toFixed(0)} ms`
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, at) => (at === 0 ? '---' : '--:'))
  return [toLine(head), toLine(rule), ...rows.map(toLine)].join('\n')
}

function toLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
