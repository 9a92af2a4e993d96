import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchOver } from '../../durable/watchdog.ts'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { controlStub } from './control-harness.ts'
import {
  answersOf,
  audited,
  breakReading,
  configOf,
  control,
  failing,
  put,
  report,
  type Server,
  serveZone,
  standBetween,
  valueOf,
  ZONE,
  zoneClient,
  zoneStub,
} from './zone-harness.ts'

let server: Server

/** Time passes, and the alarm is rung by hand. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await runDurableObjectAlarm(zoneStub())
}

/** A minute, with all that happens by itself in it. */
async function passAMinute(): Promise<void> {
  await pass(60_000)
  await runDurableObjectAlarm(controlStub())
  await watchOver(env)
}

/** Longer than the lease of any run of this zone. */
const LEASE_MS = 200_000

const run = async (dryRun = false) =>
  valueOf(await zoneClient.call('reconcile', { zone: ZONE, dryRun }))

const view = async () => valueOf(await zoneClient.call('view', { zone: ZONE }))

/** Waits until the record answers so, and Control has heard of as many changes. */
async function settled(answers: readonly string[], changes: number): Promise<void> {
  await untilHolds(async () => {
    expect(answersOf(server)).toEqual(answers)
    expect(await audited()).toHaveLength(changes)
  })
}

/** Never answers, until the test is over. */
const never = () => new Promise<undefined>(() => {})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  server = serveZone()
})

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await emptyAll()
})

describe('the object of a zone', () => {
  it('writes what a route decides with the mark of the record, and tells the audit log', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    expect(server.rrsets.get('www.example.com. A')).toMatchObject({
      ttl: 60,
      comments: [{ content: 'heritage=portolan,owner=portolan,record=www' }],
    })
    expect(await audited()).toMatchObject([
      { action: 'dns.change', after: { values: ['192.0.2.1'] } },
    ])
    expect(await view()).toMatchObject({
      ...ZONE,
      run: 'idle',
      failures: 0,
      records: [{ id: 'www', difference: [], wanted: [{ values: ['192.0.2.1'] }] }],
    })
  })

  it('follows a pool that falls, and asks its provider for nothing that is no other answer', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    vi.setSystemTime(Date.now() + 10_000)
    await report('us-1', 'unhealthy')
    await settled(['192.0.2.2'], 2)
    expect(server.writes).toBe(2)
    const asked = server.asked.length
    vi.setSystemTime(Date.now() + 10_000)
    // Another generation, and the same answer.
    await report('eu-1', 'healthy')
    await untilHolds(async () => {
      const { generation } = valueOf(await control.call('snapshot', {})) ?? { generation: 0 }
      expect((await view()).generation).toBe(generation)
    })
    expect(server.asked).toHaveLength(asked)
  })

  it('writes what is wanted once what stands was read, be that slow', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    vi.setSystemTime(Date.now() + 10_000)
    server.before = async () => {
      server.before = async () => undefined
      vi.setSystemTime(Date.now() + 20_000)
      await report('us-1', 'healthy')
      return undefined
    }
    await report('us-1', 'unhealthy')
    await untilHolds(async () => {
      const { generation } = valueOf(await control.call('snapshot', {})) ?? { generation: 0 }
      expect(await view()).toMatchObject({ run: 'idle', generation })
    })
    expect(server.writes).toBe(1)
    expect(await run()).toEqual({ outcome: 'done', changes: [], held: [] })
  })

  it('leaves alone what has no mark, and says what to do about it', async () => {
    const records = [{ content: '192.0.2.99' }]
    const rrset = { name: 'www.example.com.', type: 'A', ttl: 300, records, comments: [] }
    server.rrsets.set('www.example.com. A', rrset)
    await put(configOf())
    expect(await run()).toMatchObject({
      outcome: 'done',
      changes: [],
      held: [{ record: 'www', guard: 'unmarked' }],
    })
    expect(answersOf(server)).toEqual(['192.0.2.99'])
    expect(server.writes).toBe(0)
  })

  it('says what it would do, and does nothing of it', async () => {
    await put(configOf({ dryRun: true }))
    const [first, again] = [await run(true), await run(true)]
    expect(first).toMatchObject({ outcome: 'done', held: [{ guard: 'dry-run' }] })
    expect(again).toEqual(first)
    expect(server.writes).toBe(0)
    vi.setSystemTime(Date.now() + 10_000)
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    expect(await run(true)).toEqual({ outcome: 'done', changes: [], held: [] })
  })

  it('keeps a frozen record as it stands through restarts, and tells who froze it', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    const freeze = { zone: ZONE, record: 'www', reason: 'a move', by: { name: 'anna' } }
    const frozen = valueOf(await zoneClient.call('freeze', { ...freeze, frozen: true }))
    expect(frozen).toMatchObject({ records: [{ frozen: { reason: 'a move' } }] })
    await endAll()
    vi.setSystemTime(Date.now() + 10_000)
    await report('us-1', 'unhealthy')
    expect(await run()).toMatchObject({ changes: [], held: [{ guard: 'frozen' }] })
    expect(answersOf(server)).toEqual(['192.0.2.1'])
    valueOf(await zoneClient.call('freeze', { ...freeze, frozen: false }))
    expect(await run()).toMatchObject({ changes: [{ after: { values: ['192.0.2.2'] } }] })
    await untilHolds(async () =>
      expect((await audited()).map(({ action }) => action)).toEqual([
        'dns.change',
        'dns.freeze',
        'dns.unfreeze',
        'dns.change',
      ]),
    )
  })

  it('goes on asking a provider that fails, with pauses, and tells after three times', async () => {
    server.before = async () => new Response('{"error":"who?"}', { status: 401 })
    await put(configOf())
    expect(await run()).toMatchObject({ outcome: 'failed', failure: { kind: 'unauthorized' } })
    // What should stand is known all the same: somebody may have to write it by hand.
    expect((await view()).records).toMatchObject([{ wanted: [{ values: ['192.0.2.1'] }] }])
    for (let at = 0; at < 3; at += 1) await pass(60_000)
    await untilHolds(async () => expect((await view()).failures).toBeGreaterThanOrEqual(3))
    server.before = async () => undefined
    expect(await run()).toMatchObject({ outcome: 'done', changes: [{ record: 'www' }] })
    expect((await view()).failures).toBe(0)
  })
})

it('tells of a mistake of its own as of any failure, and is not stuck by it', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  await put(configOf())
  await settled(['192.0.2.1'], 1)
  await breakReading()
  expect(await run()).toMatchObject({
    outcome: 'failed',
    failure: { kind: 'garbled', detail: 'the router made a mistake: nonsense' },
  })
  await endOne(zoneStub())
  expect(await run()).toEqual({ outcome: 'done', changes: [], held: [] })
})

it('keeps what it knows while nothing in force can be read, and lets go of what left the configuration', async () => {
  await put(configOf())
  await settled(['192.0.2.1'], 1)
  const known = await view()
  await standBetween({ before: failing('snapshot') })
  expect(await run()).toMatchObject({ outcome: 'failed', failure: { kind: 'unavailable' } })
  expect((await view()).records).toEqual(known.records)
  await endOne(zoneStub())
  const { dns: _, ...rest } = configOf()
  vi.setSystemTime(Date.now() + 10_000)
  await put(rest)
  expect(await run()).toEqual({ outcome: 'done', changes: [], held: [] })
  // What left the configuration stays as it stands.
  expect((await view()).records).toEqual([])
  expect(answersOf(server)).toEqual(['192.0.2.1'])
})

describe('a process that ends', () => {
  it('between the survey and the write leaves the change to the next one', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    vi.setSystemTime(Date.now() + 10_000)
    // The write reads first: the second question of the run never gets its answer.
    const asked = server.asked.length
    server.before = async () => (server.asked.length > asked + 1 ? never() : undefined)
    await report('us-1', 'unhealthy')
    await untilHolds(() => expect(server.asked).toHaveLength(asked + 2))
    expect(await view()).toMatchObject({ run: 'applying' })
    await endAll()
    server.before = async () => undefined
    expect(await view()).toMatchObject({ run: 'applying', isCutShort: true })
    // Whoever was at it may still be: nothing is begun before its lease is over.
    await pass(5000)
    expect(answersOf(server)).toEqual(['192.0.2.1'])
    await pass(LEASE_MS)
    await pass(LEASE_MS)
    await settled(['192.0.2.2'], 2)
    expect(server.writes).toBe(2)
  })

  it('between the write and its answer has made one change, told once', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    vi.setSystemTime(Date.now() + 10_000)
    server.after = (method) => (method === 'PATCH' ? never() : Promise.resolve(undefined))
    await report('us-1', 'unhealthy')
    await untilHolds(() => expect(answersOf(server)).toEqual(['192.0.2.2']))
    await endAll()
    server.after = async () => undefined
    expect(await audited()).toHaveLength(1)
    await pass(LEASE_MS)
    await pass(LEASE_MS)
    await settled(['192.0.2.2'], 2)
    expect(server.writes).toBe(2)
    expect(await run()).toEqual({ outcome: 'done', changes: [], held: [] })
    expect(await audited()).toHaveLength(2)
  })

  it.each(['before', 'after'] as const)(
    'before Control has heard of a change tells it again, once for the audit log (%s it came there)',
    async (way) => {
      await put(configOf())
      await settled(['192.0.2.1'], 1)
      vi.setSystemTime(Date.now() + 10_000)
      await standBetween({ [way]: failing('zoneNews') })
      await report('us-1', 'unhealthy')
      await untilHolds(() => expect(answersOf(server)).toEqual(['192.0.2.2']))
      await untilHolds(async () => expect(await view()).toMatchObject({ run: 'idle' }))
      expect(await audited()).toHaveLength(way === 'before' ? 1 : 2)
      await endOne(zoneStub())
      await pass(LEASE_MS)
      await settled(['192.0.2.2'], 2)
      await pass(LEASE_MS)
      expect(await audited()).toHaveLength(2)
      expect(server.writes).toBe(2)
    },
  )

  it('at any of its steps neither loses nor doubles anything', async () => {
    await put(configOf())
    await settled(['192.0.2.1'], 1)
    let end = 0
    let steps: number
    do {
      end += 1
      steps = 0
      // Before and after each question to the provider and each call of Control, one after the other.
      const step = () => {
        steps += 1
        return steps === end ? never() : Promise.resolve(undefined)
      }
      Object.assign(server, { before: step, after: step })
      await standBetween({ before: step, after: step })
      const answers = [end % 2 === 1 ? '192.0.2.2' : '192.0.2.1']
      vi.setSystemTime(Date.now() + 10_000)
      await report('us-1', end % 2 === 1 ? 'unhealthy' : 'healthy')
      await untilHolds(async () => {
        if (steps >= end) return
        // What ended before may have left a pause.
        await pass(5000)
        expect(answersOf(server)).toEqual(answers)
        expect(await audited()).toHaveLength(server.writes)
      })
      await endAll()
      await untilHolds(async () => {
        await passAMinute()
        expect(answersOf(server)).toEqual(answers)
        expect(await audited()).toHaveLength(server.writes)
      })
    } while (steps >= end)
    // A snapshot, a look, a snapshot, a look, a write and news: twelve places at least. One write for each turn.
    expect(end).toBeGreaterThan(12)
    expect(server.writes).toBe(end + 1)
  })
})
