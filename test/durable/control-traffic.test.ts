import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RevisionLog } from '../../src/state/revision/revision.ts'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

const us1 = { url: 'http://127.0.0.1:9' }
const us2 = { url: 'http://127.0.0.2:9' }
const config = {
  // Whatever the traffic is: these tests are about the object.
  ramps: { quick: { dwell: '10s', gate: { minSamples: 0 }, longestWait: '10s' } },
  pools: {
    us: { recovery: 'quick', origins: { 'us-1': us1, 'us-2': us2 } },
    eu: { recovery: 'quick', origins: { 'eu-1': { url: 'http://127.0.0.3:9' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
}
const actor = { name: 'ada', from: '192.0.2.1' }

let sequence = 0

async function health(origin: string, now: 'healthy' | 'unhealthy'): Promise<number> {
  sequence += 1
  const report = { origin, sequence, health: now, evidence: `${now} by test`, sinceMs: 0 }
  return valueOf(await control.call('health', { report })).generation
}

/** Time passes for the object second by second; its alarm is rung by hand. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    vi.setSystemTime(Date.now() + 1000)
    await runDurableObjectAlarm(controlStub())
  }
}

async function conditions() {
  return valueOf(await control.call('snapshot', {}))?.conditions
}

/** Lets the object live until something is so, and ends it again and again on the way. */
async function passAndKillUntil(isSo: () => Promise<boolean>): Promise<number> {
  for (let kills = 0; kills < 300; kills += 1) {
    if (await isSo()) return kills
    vi.setSystemTime(Date.now() + 1000)
    // The alarm begins, and the process ends in the middle of what it does.
    const ringing = runDurableObjectAlarm(controlStub()).catch(() => false)
    if (kills % 3 === 0) await Promise.resolve()
    else await ringing
    await endAll()
    await ringing
  }
  throw new Error('it never came to that')
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  vi.spyOn(console, 'error').mockImplementation(() => {})
})

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await emptyAll()
})

describe('a report of health', () => {
  it('is in the next snapshot, and in the store as soon as that takes it', async () => {
    await put(config)
    expect(await health('us-1', 'unhealthy')).toBe(2)
    const news = valueOf(await control.call('snapshot', { after: 1 }))
    expect(news).toMatchObject({
      generation: 2,
      conditions: { origins: { 'us-1': { health: 'unhealthy', evidence: 'unhealthy by test' } } },
    })
    expect(await readPublished()).toMatchObject({ generation: 1 })
    await pass(1)
    await untilHolds(async () => {
      expect(await readPublished()).toMatchObject({ generation: 2 })
    })
  })

  it('comes to a caller who has the configuration without it', async () => {
    await put(config)
    const whole = valueOf(await control.call('snapshot', {}))
    const form = whole?.form ?? ''
    await health('us-1', 'unhealthy')
    const update = valueOf(await control.call('snapshot', { after: 1, form }))
    expect(update).toMatchObject({ form, generation: 2 })
    expect(update).not.toHaveProperty('config')
    expect(valueOf(await control.call('snapshot', { after: 1, form: 'old' }))).toHaveProperty(
      'config',
    )
  })

  it('does many times a second what the store takes once a second', async () => {
    await put(config)
    for (let round = 0; round < 10; round += 1) {
      await health('us-1', round % 2 === 0 ? 'unhealthy' : 'healthy')
    }
    expect(await readPublished()).toMatchObject({ generation: 1 })
    await pass(1)
    await untilHolds(async () => {
      expect((await readPublished())?.generation).toBeGreaterThan(2)
    })
  })
})

describe('an operator', () => {
  const maintenance = {
    subject: { type: 'origin', id: 'us-1' },
    state: 'maintenance',
    actor,
  } as const

  it('sees what a change would do, makes it, and finds it in every view', async () => {
    await put(config)
    const dry = valueOf(await control.call('setState', { ...maintenance, dryRun: true }))
    expect(dry).toMatchObject({ outcome: 'done', dryRun: true, generation: 1, published: false })
    expect(await conditions()).toMatchObject({ origins: {} })
    const done = valueOf(await control.call('setState', { ...maintenance, reason: 'new disk' }))
    expect(done).toMatchObject({ outcome: 'done', generation: 2, overrode: [] })
    expect(valueOf(await control.call('origin', { id: 'us-1' }))).toMatchObject({
      pool: 'us',
      health: 'unknown',
      state: 'maintenance',
      override: { reason: 'new disk', by: 'ada' },
      sharePercent: 100,
    })
    expect(valueOf(await control.call('pool', { id: 'us' }))).toMatchObject({ usable: 1 })
    const { items } = valueOf(await control.call('audit', {}))
    expect(items[0]).toMatchObject({
      action: 'state.set',
      target: 'origin:us-1',
      actor,
      reason: 'new disk',
    })
  })

  it('is told until when the clients of a drain stay', async () => {
    await put(config)
    const drain = { ...maintenance, state: 'drain' } as const
    const dry = valueOf(await control.call('setState', { ...drain, dryRun: true }))
    expect(dry).not.toHaveProperty('drain')
    const fromMs = Date.now()
    for (const outcome of ['done', 'unchanged']) {
      const told = valueOf(await control.call('setState', drain))
      expect(told).toMatchObject({ outcome, drain: { fromMs, untilMs: fromMs + 300_000 } })
    }
    const ready = valueOf(await control.call('setState', { ...drain, state: 'ready' }))
    expect(ready).not.toHaveProperty('drain')
  })

  it('reads origins and pools page by page', async () => {
    await put(config)
    const first = valueOf(await control.call('origins', { limit: 2 }))
    expect(first.items.map(({ id }) => id)).toEqual(['eu-1', 'us-1'])
    const second = valueOf(await control.call('origins', { limit: 2, after: first.next }))
    expect(second.items.map(({ id }) => id)).toEqual(['us-2'])
    expect(second.next).toBeUndefined()
    expect(valueOf(await control.call('pools', {})).items.map(({ id }) => id)).toEqual(['eu', 'us'])
  })

  it('changes weights in the document as it was written', async () => {
    await put(config)
    const weights = { us: 60, eu: 40 }
    const changed = valueOf(await control.call('setWeights', { route: 'all', weights, actor }))
    expect(changed).toMatchObject({ outcome: 'done', revision: 2 })
    const { authored } = valueOf(await control.call('config', {})) ?? {}
    const all = { steer: { policy: 'weighted', weights } }
    expect(authored).toEqual({ ...config, routes: { all } })
    const unknown = { route: 'xx', weights, actor }
    expect(valueOf(await control.call('setWeights', unknown))).toMatchObject({
      outcome: 'not-found',
    })
    const late = { route: 'all', weights: { us: 1 }, actor, expect: [1] }
    expect(valueOf(await control.call('setWeights', late))).toEqual({
      outcome: 'mismatch',
      revision: 2,
    })
  })

  it('is told by numbers what an interlock refuses', async () => {
    await put({ ...config, interlocks: { maxChangePercent: 10 } })
    const asked = { subject: { type: 'pool', id: 'us' }, state: 'drain', actor } as const
    expect(valueOf(await control.call('setState', asked))).toMatchObject({
      outcome: 'refused',
      refusals: expect.arrayContaining([
        { type: 'change-too-large', route: 'all', changePercent: 50, maxChangePercent: 10 },
      ]),
    })
  })
})

describe('an object that ends again and again', () => {
  it('brings an origin back all the same, never with more than its ramp allows', async () => {
    await put(config)
    await health('us-1', 'unhealthy')
    await health('us-1', 'healthy')
    const shares: number[] = []
    await passAndKillUntil(async () => {
      const share = (await conditions())?.origins['us-1']?.sharePercent ?? 100
      if (shares.at(-1) !== share) shares.push(share)
      return share === 100
    })
    expect(shares).toEqual([10, 25, 50, 75, 100])
  }, 60_000)

  it('ends a shift with one revision', async () => {
    await put(config)
    const to = { us: 20, eu: 80 }
    const started = valueOf(
      await control.call('startShift', { route: 'all', to, ramp: 'quick', actor }),
    )
    expect(started).toMatchObject({ outcome: 'done', ramp: { id: 'shift:1', percent: 10 } })
    const kills = await passAndKillUntil(async () => {
      const { authored } = valueOf(await control.call('config', {})) ?? {}
      return JSON.stringify(authored).includes('"weights":{"us":20,"eu":80}')
    })
    expect(kills).toBeGreaterThan(40)
    await pass(60)
    expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 2 })
    expect(await conditions()).toMatchObject({ routes: {} })
    expect(valueOf(await control.call('ramp', { id: 'shift:1' }))).toMatchObject({ phase: 'done' })
  }, 60_000)

  it('takes back once what nobody confirmed', async () => {
    await put(config)
    const weights = { us: 60, eu: 40 }
    const asked = { route: 'all', weights, actor, confirmWithinMs: 10_000 }
    const changed = valueOf(await control.call('setWeights', asked))
    expect(changed).toMatchObject({ revision: 2, confirmation: { by: 'ada' } })
    expect(valueOf(await control.call('confirmations', {})).items).toHaveLength(1)
    await passAndKillUntil(async () => {
      return valueOf(await control.call('config', {}))?.revision === 3
    })
    await pass(60)
    expect(valueOf(await control.call('config', {}))).toMatchObject({
      revision: 3,
      authored: config,
    })
    expect(valueOf(await control.call('confirmations', {})).items).toEqual([])
    const { items } = valueOf(await control.call('audit', {}))
    expect(items.filter(({ action }) => action === 'change.revert')).toHaveLength(1)
  }, 60_000)
})

describe('a state that an older release stored in one piece', () => {
  it('is taken apart at the first start', async () => {
    await put(config)
    await runInDurableObject(controlStub(), (_object, { storage }) => {
      const log = storage.kv.get<RevisionLog>('field/log')
      for (const [key] of Array.from(storage.kv.list())) storage.kv.delete(key)
      storage.kv.put('machine', log)
    })
    await endOne(controlStub())
    expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 1, generation: 1 })
    await health('us-1', 'unhealthy')
    await endOne(controlStub())
    expect(await conditions()).toMatchObject({ origins: { 'us-1': { health: 'unhealthy' } } })
    await runInDurableObject(controlStub(), (_object, { storage }) => {
      expect(storage.kv.get('machine')).toBeUndefined()
      expect(storage.kv.get('entry/origins/us-1')).toMatchObject({ health: 'unhealthy' })
    })
  })
})
