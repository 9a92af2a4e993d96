import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOriginClient } from '../../durable/origin-methods.ts'
import { control as machine } from '../../src/state/control/control.ts'
import { originHealth } from '../../src/state/health/origin.ts'
import { emptyAll, endOne } from '../support/processes-worker.ts'
import older from '../support/release-0.2.0.json' with { type: 'json' }
import records from '../support/release-0.3.0.json' with { type: 'json' }
import last from '../support/release-0.4.0.json' with { type: 'json' }
import { control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

// States that releases 0.2.0, 0.3.0 and 0.4.0 themselves have written: an object goes on from there when this release is
// deployed over it.

const actor = { name: 'ada', from: '192.0.2.1' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: older.nowMs })
})

afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

/** Puts a state where they kept it: fields by themselves, tables entry by entry. */
async function keep(
  stub: DurableObjectStub,
  state: Readonly<Record<string, unknown>>,
  tables: readonly string[] = [],
): Promise<void> {
  await runInDurableObject(stub, (_object, { storage: { kv } }) => {
    for (const [key] of Array.from(kv.list())) kv.delete(key)
    for (const [name, value] of Object.entries(state)) {
      if (!tables.includes(name)) kv.put(`field/${name}`, value)
      else
        for (const [id, entry] of Object.entries(value as object))
          kv.put(`entry/${name}/${id}`, entry)
    }
  })
  await endOne(stub)
}

describe('the control object of release 0.2.0', () => {
  beforeEach(async () => {
    await put(older.authored)
    await keep(controlStub(), older.control, machine.tables)
  })

  it('goes on under this one with all that was on its way', async () => {
    const { items } = valueOf(await control.call('ramps', {}))
    expect(items.map(({ id, phase }) => [id, phase])).toEqual(
      expect.arrayContaining([
        ['origin:us-1', 'stepping'],
        ['origin:us-2', 'stepping'],
        ['shift:3', 'stepping'],
      ]),
    )
    expect(valueOf(await control.call('confirmations', {})).items).toHaveLength(1)
    expect(valueOf(await control.call('origin', { id: 'eu-2' }))).toMatchObject({
      state: 'drain',
      drain: { fromMs: older.nowMs },
    })
    for (let minute = 0; minute < 70; minute += 1) {
      vi.setSystemTime(Date.now() + 60_000)
      await runDurableObjectAlarm(controlStub())
    }
    // The window of maintenance that was planned then has opened.
    expect(valueOf(await control.call('pool', { id: 'us' }))?.state).toBe('maintenance')
  })

  it('publishes the same configuration as this release reads it', async () => {
    const asked = { subject: { type: 'origin', id: 'eu-2' }, state: 'ready', actor } as const
    valueOf(await control.call('setState', asked))
    const published = await readPublished()
    expect(published?.generation).toBeGreaterThan(older.document.generation)
    expect(published?.config.settings.sessions).toEqual({ shards: 8 })
    expect(published?.keyring).toHaveLength(1)
  })
})

describe('the control object of release 0.3.0', () => {
  beforeEach(async () => {
    vi.setSystemTime(records.nowMs)
    await put(records.authored)
    await keep(controlStub(), records.control, machine.tables)
  })

  it('goes on under this one, which knows zones and their news', async () => {
    const { items } = valueOf(await control.call('ramps', {}))
    expect(items.map(({ id, phase }) => [id, phase])).toContainEqual(['pool:us', 'stepping'])
    expect(valueOf(await control.call('confirmations', {})).items).toHaveLength(1)
    expect(valueOf(await control.call('notifications', {})).items).toMatchObject([
      { id: 'hook', kinds: ['health', 'ramp', 'interlock', 'dns'] },
    ])
    const deed = { action: 'dns.change', target: 'record:www', actor, reason: 'it fell' }
    const news = { zone: 'pdns/example.com', items: [{ sequence: 1, atMs: records.nowMs, deed }] }
    expect(valueOf(await control.call('zoneNews', news))).toEqual({ upTo: 1 })
    const [entry] = valueOf(await control.call('audit', { limit: 1 })).items
    expect(entry).toMatchObject(deed)
  })

  it('runs no zone for records that had no provider', async () => {
    expect(valueOf(await control.call('zones', {}))).toEqual({ items: [] })
    expect(valueOf(await control.call('snapshot', {}))?.config?.dns?.records).toHaveProperty('apex')
  })
})

describe('the control object of release 0.4.0', () => {
  beforeEach(async () => {
    vi.setSystemTime(last.nowMs)
    // Its second revision is in force.
    await put(records.authored)
    await put(last.authored)
    await keep(controlStub(), last.control, machine.tables)
  })

  it('goes on under this one, which caches where the configuration said so before', async () => {
    const { items } = valueOf(await control.call('ramps', {}))
    expect(items.map(({ id, phase }) => [id, phase])).toContainEqual(['pool:us', 'stepping'])
    expect(valueOf(await control.call('zones', {})).items).toHaveLength(1)
    const { config, purges } = valueOf(await control.call('snapshot', {})) ?? {}
    expect(config?.routes['app']?.cache).toMatchObject({ mode: 'standard', key: {} })
    expect(purges).toEqual([])
    const asked = { targets: [{ tag: 'red' }], kind: 'hard' as const, actor }
    expect(valueOf(await control.call('purge', asked))).toMatchObject({ serial: last.nowMs })
  })
})

describe('the object of an origin of release 0.2.0', () => {
  it('goes on with its health and its counts', async () => {
    const stub = env.ORIGIN.get(env.ORIGIN.idFromName('us-1'))
    await keep(stub, older.origin, originHealth.tables)
    const origin = createOriginClient(env, 'us-1', 5000)
    const told = valueOf(await origin.call('detail', { origin: 'us-1' }))
    expect(told).toMatchObject({ connections: 0, passive: { requests: expect.any(Number) } })
    const counts = { pool: 'us', requests: 5, failures: 0, errors: 0, latencies: {}, inFlight: 2 }
    const report = { isolate: 'new', sequence: 1, ...counts }
    const heard = valueOf(await origin.call('passed', { origin: 'us-1', report }))
    expect(heard).toMatchObject({ connections: 2 })
  })
})
