import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Prober } from '../../durable/prober.ts'
import type { ProbePlan } from '../../src/schema/probe-plan.ts'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { until, untilHolds } from '../support/until.ts'
import { valueOf } from './control-harness.ts'
import {
  type Heard,
  type Others,
  NAME,
  overhear,
  proberClient,
  proberStub,
  rouse,
  targetOf,
} from './prober-harness.ts'

const REFUSED =
  'connection refused, or no way to 127.0.0.1:1 (a private address: deployed Workers may not connect to those)'
/** So seldom that no alarm rings by itself while a test counts. */
const SELDOM = { interval: '30s', unhealthyInterval: '20s' }
const HOURLY = { interval: '1h', unhealthyInterval: '1h' }
const OFTEN = { profile: 'fast' }

const planOf = (monitor: object): ProbePlan => {
  return { revision: 1, driver: 'alarm', targets: [targetOf('a', monitor), targetOf('b', monitor)] }
}

let others: Others
let heard: Heard

beforeEach(async () => {
  others = { plan: planOf(SELDOM), isThere: true }
  heard = { asked: [], reports: [], unheard: 0 }
  await overhear(others, heard)
})
afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

/** Details by origin, in the order in which they were told. */
function told(): readonly (readonly string[])[] {
  return heard.reports.map(({ plan: { origin }, results }) => [
    origin,
    ...results.map(({ detail }) => detail),
  ])
}

const armedFor = () =>
  runInDurableObject(proberStub(), (_object: Prober, { storage }) => storage.getAlarm())

/** As late as the alarm is set for. */
async function passToAlarm(): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: ((await armedFor()) ?? Date.now()) + 10 })
}

async function passAndRing(): Promise<void> {
  await passToAlarm()
  await runDurableObjectAlarm(proberStub())
}

it('fetches its plan when it is roused, probes, and reports', async () => {
  expect(await rouse(1)).toEqual({ revision: 0, targets: 0 })
  await untilHolds(() => expect(heard.reports).toHaveLength(2))
  expect(heard.asked).toEqual([0])
  expect(told()).toEqual(
    expect.arrayContaining([
      ['a', REFUSED],
      ['b', REFUSED],
    ]),
  )
  expect(heard.reports[0]).toMatchObject({ region: 'weur', prober: 'weur', isBlind: false })
  expect(await rouse(1)).toEqual({ revision: 1, targets: 2 })
})

it('is driven by its alarm, and not by one that rings twice', async () => {
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(2))
  const atMs = await armedFor()
  expect(atMs).not.toBeNull()
  // In doubt it looks again after twenty seconds.
  expect((atMs ?? 0) - Date.now()).toBeLessThan(22_000)
  await passToAlarm()
  await Promise.all([runDurableObjectAlarm(proberStub()), runDurableObjectAlarm(proberStub())])
  await runDurableObjectAlarm(proberStub())
  await untilHolds(() => expect(heard.reports.length).toBeGreaterThanOrEqual(4))
  expect(told().filter(([origin]) => origin === 'a')).toHaveLength(2)
})

it('goes on by its kept plan after an eviction, while nobody answers it', async () => {
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(2))
  const [first] = heard.reports
  await endOne(proberStub())
  others.isThere = false
  await overhear(others, heard)
  const awayMs = Date.now()
  // Two more turns of each origin, of which nobody hears.
  await until(async () => {
    await passAndRing()
    return Date.now() > awayMs + 65_000 && heard.unheard >= 6
  })
  others.isThere = true
  await until(async () => {
    await passAndRing()
    return heard.reports.length > 2
  })
  const later = heard.reports[2]
  expect(later?.results.length).toBeGreaterThan(1)
  expect(later?.sequence).toBeGreaterThan(first?.sequence ?? Infinity)
})

it('probes nothing after a rest that has not its turn', async () => {
  others.plan = { ...planOf(SELDOM), targets: [targetOf('a', HOURLY)] }
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(1))
  const atMs = await armedFor()
  await endOne(proberStub())
  await overhear(others, heard)
  expect(await rouse(1)).toEqual({ revision: 1, targets: 1 })
  await runInDurableObject(proberStub(), () => new Promise((resolve) => setTimeout(resolve, 200)))
  expect(heard.reports).toHaveLength(1)
  expect(await armedFor()).toBe(atMs)
})

it('wakes by itself after an abort, and asks whether its plan still holds', async () => {
  others.plan = planOf(OFTEN)
  await rouse(1)
  await untilHolds(() => expect(heard.reports.length).toBeGreaterThanOrEqual(2))
  await endAll()
  const before = heard.reports.length
  expect(await armedFor()).not.toBeNull()
  await overhear(others, heard)
  // The first question of the new process went to the real control object, which has no configuration.
  await untilHolds(() => expect(heard.reports.length).toBeGreaterThan(before))
})

it('answers at once to somebody who doubts an origin that it probes, and to no other', async () => {
  others.plan = { ...planOf(SELDOM), targets: [targetOf('a', HOURLY)] }
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(1))
  expect(valueOf(await proberClient.call('urge', { origin: 'z' }))).toEqual({ known: false })
  await untilHolds(async () => {
    expect(valueOf(await proberClient.call('urge', { origin: 'a' }))).toEqual({ known: true })
    expect(heard.reports.length).toBeGreaterThanOrEqual(2)
  })
})

it('with the cron as the only driver probes when it is roused, and arms no alarm', async () => {
  others.plan = { ...planOf(OFTEN), driver: 'cron' }
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(2))
  expect(await armedFor()).toBeNull()
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(4))
  expect(await armedFor()).toBeNull()
})

it('comes to rest when the configuration needs it no more', async () => {
  await rouse(1)
  await untilHolds(() => expect(heard.reports).toHaveLength(2))
  others.plan = { revision: 2, driver: 'alarm', targets: [] }
  await rouse(2)
  await untilHolds(async () => expect(await armedFor()).toBeNull())
})

it('tries what it is asked to, and reports none of it', async () => {
  const targets = [
    targetOf('x'),
    targetOf('y', { type: 'http', headers: { 'x-key': { secret: 'NOWHERE' } } }),
  ]
  const { items } = valueOf(await proberClient.call('try', { targets }))
  expect(items).toMatchObject([
    { origin: 'x', monitor: 'web', ok: false, detail: REFUSED },
    {
      origin: 'y',
      monitor: 'web',
      ok: false,
      detail:
        'no secret "NOWHERE" that a header could carry: set it with "wrangler secret put NOWHERE"',
    },
  ])
  expect(heard.reports).toEqual([])
})

it('tries many, and gives each its answer', async () => {
  const targets = Array.from({ length: 40 }, (_, at) => targetOf(`o${at}`))
  const { items } = valueOf(await proberClient.call('try', { targets }))
  expect(items.map(({ origin }) => origin)).toEqual(targets.map(({ plan: { origin } }) => origin))
})

it('takes nothing that is no input of its methods', async () => {
  const wrong = { name: { ...NAME, region: 'moon' as 'weur' }, revision: 1 }
  expect(await proberClient.call('rouse', wrong)).toMatchObject({ ok: false })
})
