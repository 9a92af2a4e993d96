import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AuthoredConfig, Config } from '../../../src/schema/config.ts'
import type { ProbeRegion } from '../../../src/schema/monitor.ts'
import { parseConfig } from '../../../src/schema/parse-config.ts'
import type { ProberName } from '../../../src/schema/probe-plan.ts'
import { toProbePlan, toProbers } from '../../../src/state/prober/plan.ts'

function configOf(authored: AuthoredConfig): Config {
  const parsed = parseConfig(authored)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2))
  return parsed.config
}

function originsOf(count: number, prefix = 'o'): Record<string, { url: string }> {
  const ids = Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(4, '0')}`)
  return Object.fromEntries(ids.map((id) => [id, { url: `https://${id}.example.com` }]))
}

function planOf(config: Config, name: ProberName) {
  return toProbePlan(config, 1, name).targets.map(({ plan, monitors }) => ({
    origin: plan.origin,
    monitors: monitors.map(({ id }) => id),
  }))
}

it('asks for one prober in each region that a monitor in use names', () => {
  const config = configOf({
    monitors: {
      web: { regions: ['weur', 'apac'] },
      deep: { regions: ['apac', 'oc'] },
      idle: { regions: ['afr'] },
    },
    pools: {
      us: { monitor: [{ id: 'web' }, { id: 'deep' }], origins: originsOf(2) },
      bare: { origins: originsOf(1, 'b') },
    },
  })
  expect(toProbers(config)).toEqual([
    { region: 'weur', shard: 0 },
    { region: 'apac', shard: 0 },
    { region: 'oc', shard: 0 },
  ])
  expect(planOf(config, { region: 'apac', shard: 0 })).toEqual([
    { origin: 'o-0000', monitors: ['web', 'deep'] },
    { origin: 'o-0001', monitors: ['web', 'deep'] },
  ])
  expect(planOf(config, { region: 'oc', shard: 0 })[0]?.monitors).toEqual(['deep'])
})

it('tells the object of an origin all that it judges by, whichever region reports', () => {
  const config = configOf({
    monitors: {
      web: { profile: 'fast', path: '/health', degradedAbove: '800ms', regions: ['weur'] },
      deep: { regions: ['apac'] },
    },
    pools: {
      us: {
        monitor: [{ id: 'web' }, { id: 'deep', role: 'report-only' }],
        holdDown: { base: '30s', max: '10m' },
        outlier: { failureRate: 0.2, minRequests: 10, window: '20s' },
        origins: {
          'us-1': {
            url: 'https://us-1.example.com',
            state: 'maintenance',
            host: { name: 'www.example.com' },
            headers: { 'X-From': 'portolan' },
          },
        },
      },
    },
  })
  const { revision, driver, targets } = toProbePlan(config, 7, { region: 'weur', shard: 0 })
  expect({ revision, driver }).toEqual({ revision: 7, driver: 'alarm' })
  expect(targets).toEqual([
    {
      plan: {
        revision: 7,
        origin: 'us-1',
        pool: 'us',
        monitors: [
          {
            id: 'web',
            role: 'required',
            intervalMs: 5000,
            timeoutMs: 2000,
            fall: 3,
            rise: 2,
            degradedAboveMs: 800,
            regions: ['weur'],
          },
          {
            id: 'deep',
            role: 'report-only',
            intervalMs: 30_000,
            timeoutMs: 5000,
            fall: 3,
            rise: 3,
            regions: ['apac'],
          },
        ],
        passive: { failureRate: 0.2, minRequests: 10, windowMs: 20_000 },
        holdDown: { baseMs: 30_000, maxMs: 600_000 },
      },
      url: 'https://us-1.example.com',
      host: 'www.example.com',
      headers: { 'x-from': 'portolan' },
      monitors: [{ id: 'web', monitor: config.monitors['web'] }],
    },
  ])
})

it('has nothing for a prober that the configuration does not ask for', () => {
  const config = configOf({
    settings: { probing: 'cron' },
    monitors: { web: {} },
    pools: { us: { monitor: 'web', origins: originsOf(1) } },
  })
  const nothing = { revision: 3, driver: 'cron', targets: [] }
  expect(toProbePlan(config, 3, { region: 'wnam', shard: 1 })).toEqual(nothing)
  expect(toProbePlan(config, 3, { region: 'afr', shard: 0 })).toEqual(nothing)
})

it('promises no more results than the cron brings, where it is the only driver', () => {
  const config = configOf({
    settings: { probing: 'cron' },
    monitors: { web: { profile: 'fast', regions: ['weur'] } },
    pools: { us: { monitor: 'web', origins: originsOf(1) } },
  })
  const [target] = toProbePlan(config, 1, { region: 'weur', shard: 0 }).targets
  expect(target?.plan.monitors).toMatchObject([{ intervalMs: 60_000, timeoutMs: 2000 }])
})

it('divides a region when its probes could hold more connections than one prober has', () => {
  const config = configOf({
    monitors: { web: { interval: '30s', timeout: '5s', regions: ['weur'] } },
    pools: { us: { monitor: 'web', origins: originsOf(100) } },
  })
  const probers = toProbers(config)
  // Five probes fit one after the other into an interval, on each of six connections.
  expect(probers.map((name) => planOf(config, name).length)).toEqual([30, 30, 30, 10])
})

it('gives a connection of its own to a probe that may last longer than the pause of another', () => {
  const config = configOf({
    monitors: {
      slow: { interval: '10m', timeout: '1m', regions: ['weur'] },
      fast: { profile: 'fast', regions: ['weur'] },
    },
    pools: { us: { monitor: [{ id: 'slow' }, { id: 'fast' }], origins: originsOf(10) } },
  })
  // One and a half for each origin.
  expect(toProbers(config).map((name) => planOf(config, name).length)).toEqual([4, 4, 2])
})

it('gives an origin that fits nowhere a prober to itself', () => {
  const ids = Array.from({ length: 8 }, (_, at) => `m${at}`)
  const config = configOf({
    monitors: Object.fromEntries(
      ids.map((id) => [id, { interval: '5s', timeout: '5s', regions: ['weur'] }]),
    ),
    pools: { us: { monitor: ids.map((id) => ({ id })), origins: originsOf(2) } },
  })
  expect(toProbers(config).map((name) => planOf(config, name))).toEqual([
    [{ origin: 'o-0000', monitors: ids }],
    [{ origin: 'o-0001', monitors: ids }],
  ])
})

const monitor = fc.record({
  interval: fc.constantFrom('1s', '5s', '30s', '2m'),
  timeout: fc.constantFrom('100ms', '1s'),
  regions: fc.constantFrom<ProbeRegion[]>(['weur'], ['weur', 'oc']),
})

it('probes every origin by every monitor from every region exactly once', () => {
  const pools = fc.array(fc.record({ origins: fc.integer({ min: 1, max: 80 }), from: fc.nat(2) }), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(fc.tuple(monitor, monitor, monitor), pools, (monitors, sizes) => {
      const config = configOf({
        monitors: Object.fromEntries(monitors.map((each, at) => [`m${at}`, each])),
        pools: Object.fromEntries(
          sizes.map(({ origins, from }, at) => [
            `p${at}`,
            {
              monitor: monitors.map((_, each) => ({ id: `m${each}` })).slice(from),
              origins: originsOf(origins, `p${at}`),
            },
          ]),
        ),
      })
      const probed = toProbers(config).flatMap((name) =>
        planOf(config, name).flatMap(({ origin, monitors: ids }) =>
          ids.map((id) => `${name.region} ${origin} ${id}`),
        ),
      )
      const wanted = Object.values(config.pools).flatMap(({ monitor: used = [], origins }) =>
        Object.keys(origins).flatMap((origin) =>
          used.flatMap(({ id }) =>
            (config.monitors[id]?.regions ?? []).map((region) => `${region} ${origin} ${id}`),
          ),
        ),
      )
      expect(probed.toSorted()).toEqual(wanted.toSorted())
    }),
    { numRuns: 100 },
  )
})
