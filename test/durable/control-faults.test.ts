import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SNAPSHOT_KEY } from '../../src/env.ts'
import { PUBLICATION } from '../../src/state/revision/publication.ts'
import type { RevisionLog } from '../../src/state/revision/revision.ts'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import {
  configOf,
  control,
  controlStub,
  put,
  readPublished,
  replaceStore,
  restoreStore,
  valueOf,
} from './control-harness.ts'

const away: Partial<KVNamespace> = {
  put: async () => {
    throw new Error('KV PUT failed: 503 Service Unavailable')
  },
}

/** Every transaction fails at its end, until it is mended. */
async function breakStorage(): Promise<{ mend(this: void): void }> {
  return runInDurableObject(controlStub(), (_object, { storage }) => {
    const whole = storage.transactionSync.bind(storage)
    const spy = vi.spyOn(storage, 'transactionSync').mockImplementation((closure) =>
      whole(() => {
        closure()
        throw new Error('the disk is full')
      }),
    )
    return { mend: () => spy.mockRestore() }
  })
}

/** So much later that the store takes another write. */
function later(): void {
  vi.setSystemTime(Date.now() + PUBLICATION.spacingMs)
}

/** Lets time pass for every object, whose alarms are rung by hand. */
async function passAndRing(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await runDurableObjectAlarm(controlStub())
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

describe('while the store takes nothing', () => {
  it('a change is accepted, served to who asks, and published when the store is back', async () => {
    await put(configOf(1))
    await replaceStore(away)
    const answer = await put(configOf(2))
    expect(answer).toMatchObject({ outcome: 'accepted', generation: 2, published: false })
    expect(valueOf(await control.call('snapshot', { after: 1 }))).toMatchObject({ revision: 2 })
    expect(await readPublished()).toMatchObject({ generation: 1 })

    await passAndRing(PUBLICATION.longestRetryMs)
    expect(await readPublished()).toMatchObject({ generation: 1 })
    await endOne(controlStub())
    await passAndRing(PUBLICATION.longestRetryMs)
    await untilHolds(async () => expect(await readPublished()).toMatchObject({ generation: 2 }))
  })

  it('attempts follow each other by alarm, without anybody asking', async () => {
    await put(configOf(1))
    later()
    let attempts = 0
    const { put: fail } = away
    await replaceStore({
      put: async (...given: Parameters<KVNamespace['put']>) => {
        attempts += 1
        await (attempts < 4 ? fail?.(...given) : env.SNAPSHOTS.put(...given))
      },
    })
    await put(configOf(2))
    for (const ms of [1000, 2000, 4000]) await passAndRing(ms)
    expect(attempts).toBe(4)
    expect(await readPublished()).toMatchObject({ generation: 2 })
    // Nothing is left to do: no alarm stands any more.
    expect(await runDurableObjectAlarm(controlStub())).toBe(false)
  })
})

describe('a change that the storage does not take', () => {
  it('fails, and what was in force is served and published as before', async () => {
    await put(configOf(1))
    const { mend } = await breakStorage()
    const refused = await control.call('put', { authored: configOf(2) })
    expect(refused).toMatchObject({ ok: false, error: { kind: 'failed' } })
    expect(await control.call('put', { authored: configOf(3) })).toMatchObject({ ok: false })
    expect(valueOf(await control.call('snapshot', {}))).toMatchObject({
      revision: 1,
      config: { pools: { us: { origins: { 'us-1': { weight: 1 } } } } },
    })
    mend()
    expect(await put(configOf(4))).toMatchObject({ outcome: 'accepted', revision: 2 })
    expect(valueOf(await control.call('snapshot', {}))).toMatchObject({
      revision: 2,
      config: { pools: { us: { origins: { 'us-1': { weight: 4 } } } } },
    })
  })
})

describe('an alarm that could not be set', () => {
  it('is set with the next step', async () => {
    await put(configOf(1))
    later()
    const mend = await runInDurableObject(controlStub(), (_object, { storage }) => {
      const spy = vi.spyOn(storage, 'setAlarm').mockRejectedValue(new Error('the disk is full'))
      return () => spy.mockRestore()
    })
    const untilMs = Date.now() + 3_600_000
    const asked = {
      subject: { type: 'pool', id: 'us' },
      override: true,
      actor: { name: 'ada' },
    } as const
    const drain = { ...asked, state: 'drain', untilMs } as const
    expect(await control.call('setState', drain)).toMatchObject({ ok: false })
    mend()
    expect(await control.call('republish', {})).toMatchObject({ ok: true })
    // What followed from the step that failed is made up for by alarm.
    await passAndRing(PUBLICATION.leaseMs)
    expect(await readPublished()).toMatchObject({ generation: 2 })
  })
})

describe('a process that ends between storing and publishing', () => {
  it('leaves the rest to the next one', async () => {
    await put(configOf(1))
    later()
    await replaceStore({ put: () => new Promise(() => {}) })
    const pending = control.call('put', { authored: configOf(2) })
    await untilHolds(async () => {
      expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 2 })
    })
    expect(await readPublished()).toMatchObject({ generation: 1 })
    await endAll()
    // Whatever the caller was told, repeating the change makes no second revision of it.
    await pending
    expect(await put(configOf(2))).toMatchObject({ outcome: 'unchanged', revision: 2 })
    await untilHolds(async () => expect(await readPublished()).toMatchObject({ generation: 2 }))
  })

  it('leaves an alarm that wakes the next one, when nobody calls', async () => {
    await put(configOf(1))
    later()
    await replaceStore({ put: () => new Promise(() => {}) })
    const pending = control.call('put', { authored: configOf(2) })
    await untilHolds(async () => {
      expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 2 })
    })
    await endAll()
    await pending
    expect(await runDurableObjectAlarm(controlStub())).toBe(true)
    await untilHolds(async () => expect(await readPublished()).toMatchObject({ generation: 2 }))
  })
})

describe('a start', () => {
  it('that failed is not kept: the next call starts again', async () => {
    // Without revisions the object asks the store how far the numbers went; here it cannot.
    await replaceStore({
      getWithMetadata: async () => {
        throw new Error('KV GET failed')
      },
    })
    const failed = { ok: false, error: { kind: 'failed', message: 'KV GET failed' } }
    expect(await control.call('config', {})).toEqual(failed)
    await restoreStore()
    expect(valueOf(await control.call('config', {}))).toBeNull()
  })

  it('on empty storage goes on behind the numbers that the store has seen', async () => {
    const metadata = { revision: 41, generation: 97 }
    await env.SNAPSHOTS.put(SNAPSHOT_KEY, '{}', { metadata })
    expect(await put(configOf(1))).toMatchObject({ revision: 42, generation: 98, published: true })
  })

  it('by a release that reads the revision in another way publishes it again', async () => {
    await put(configOf(1))
    await runInDurableObject(controlStub(), (_object, { storage }) => {
      const log = storage.kv.get<RevisionLog>('field/log')
      storage.kv.put('field/log', { ...log, form: '0:of another release' })
    })
    later()
    await endOne(controlStub())
    expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 1, generation: 2 })
    await untilHolds(async () => {
      expect(await readPublished()).toMatchObject({ revision: 1, generation: 2 })
    })
  })

  it('by a release that cannot read the revision keeps what was published, and takes a new one', async () => {
    await put(configOf(1))
    await runInDurableObject(controlStub(), (_object, { storage }) => {
      const content = new TextEncoder().encode('{"pools":{"us":{"sometimes":"later"}}}')
      storage.sql.exec('UPDATE documents SET content = ?', content.buffer)
    })
    await endOne(controlStub())
    expect(valueOf(await control.call('snapshot', {}))).toBeNull()
    expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 1 })
    expect(await readPublished()).toMatchObject({ revision: 1, generation: 1 })
    later()
    expect(await put(configOf(2))).toMatchObject({ revision: 2, generation: 2, published: true })
    const rolledBack = valueOf(await control.call('rollback', { to: 1 }))
    expect(rolledBack).toMatchObject({ outcome: 'rejected' })
  })

  it('after a later release, whose entries say more, goes on from what it knows of them', async () => {
    await put(configOf(1))
    const subject = { type: 'pool', id: 'us' } as const
    const drain = { subject, state: 'drain', override: true, actor: { name: 'ada' } } as const
    valueOf(await control.call('setState', { ...drain, confirmWithinMs: 60_000 }))
    const report = {
      origin: 'us-1',
      sequence: 1,
      health: 'unhealthy',
      evidence: '',
      sinceMs: 0,
    } as const
    valueOf(await control.call('health', { report }))
    const changed = await runInDurableObject(controlStub(), (_object, { storage: { kv } }) => {
      const keys = Array.from(kv.list<object>(), ([key]) => key)
      const rich = keys.filter((key) => key.startsWith('entry/') || key === 'field/log')
      for (const key of rich) kv.put(key, { ...kv.get<object>(key), later: 'than this release' })
      return new Set(rich.map((key) => key.split('/')[1]))
    })
    const tables = ['confirmations', 'down', 'drains', 'matters', 'origins', 'overrides']
    expect(changed).toEqual(new Set([...tables, 'log']))
    await endOne(controlStub())
    expect(valueOf(await control.call('pool', { id: 'us' }))).toMatchObject({ state: 'drain' })
  })

  it('happens once, however many calls wait for it', async () => {
    await put(configOf(1))
    await endOne(controlStub())
    const calls = Array.from({ length: 10 }, () => control.call('config', {}))
    for (const called of await Promise.all(calls)) {
      expect(valueOf(called)).toMatchObject({ generation: 1 })
    }
  })
})

describe('the watchdog', () => {
  it('publishes again what has gone from the store', async () => {
    await put(configOf(1))
    await env.SNAPSHOTS.delete(SNAPSHOT_KEY)
    const held = valueOf(await control.call('republish', {}))
    expect(held).toEqual({ revision: 1, generation: 1, published: 1, failures: 0 })
    vi.setSystemTime(Date.now() + PUBLICATION.settleMs)
    const mended = valueOf(await control.call('republish', {}))
    expect(mended).toEqual({ revision: 1, generation: 2, published: 2, failures: 0 })
    expect(await readPublished()).toMatchObject({ revision: 1, generation: 2 })
  })

  it('leaves alone what stands as it should', async () => {
    await put(configOf(1))
    vi.setSystemTime(Date.now() + PUBLICATION.settleMs * 2)
    expect(valueOf(await control.call('republish', {}))).toMatchObject({ generation: 1 })
  })
})

it('does not let a clock that jumps back lower a time or hold a publication', async () => {
  await put(configOf(1))
  const before = await readPublished()
  await replaceStore(away)
  await put(configOf(2))
  vi.setSystemTime(Date.now() - 7_200_000)
  await restoreStore()
  expect(await put(configOf(3))).toMatchObject({ generation: 3, published: true })
  expect((await readPublished())?.publishedAtMs).toBeGreaterThanOrEqual(before?.publishedAtMs ?? 0)
})
