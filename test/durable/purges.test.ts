import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { PurgeTarget } from '../../src/schema/cache-purge.ts'
import { emptyAll, endOne } from '../support/processes-worker.ts'
import { configOf, control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

const PURGED = 1_700_000_000_000
const actor = { name: 'ada', from: '192.0.2.1' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: PURGED - 2000 })
})

afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

/** The store takes a write a second: what is purged sooner waits. */
async function purge(target: PurgeTarget, kind: 'hard' | 'soft' = 'hard') {
  return valueOf(await control.call('purge', { targets: [target], kind, actor, reason: 'why' }))
}

it('is published at once as another generation of the same revision, and stands in the audit log', async () => {
  await put(configOf(1))
  vi.setSystemTime(PURGED)
  expect(await purge({ tag: 'red' }, 'soft')).toEqual({
    outcome: 'purged',
    dryRun: false,
    serial: PURGED,
    generation: 2,
    published: true,
    rows: 1,
    widened: 0,
    into: [],
  })
  const purges = [{ serial: PURGED, target: { tag: 'red' }, kind: 'soft' }]
  expect(await readPublished()).toMatchObject({ revision: 1, generation: 2, purges })
  expect(valueOf(await control.call('snapshot', { after: 1 }))).toMatchObject({ purges })
  expect(valueOf(await control.call('purges', {}))).toEqual({ items: purges })
  expect(valueOf(await control.call('audit', { limit: 1 })).items).toMatchObject([
    {
      action: 'cache.purge',
      target: 'tag red',
      actor,
      reason: 'why',
      after: { serial: PURGED, kind: 'soft', targets: [{ tag: 'red' }] },
    },
  ])
})

it('changes nothing as a dry run, and nothing before there is a configuration', async () => {
  expect(await purge({ all: true })).toEqual({ outcome: 'no-configuration' })
  await put(configOf(1))
  vi.setSystemTime(PURGED)
  const input = { targets: [{ all: true as const }], kind: 'hard' as const, actor, dryRun: true }
  expect(valueOf(await control.call('purge', input))).toMatchObject({
    serial: PURGED,
    dryRun: true,
  })
  expect(valueOf(await control.call('purges', {}))).toEqual({ items: [] })
  expect(await readPublished()).toMatchObject({ generation: 1, purges: [] })
})

it('is carried by every later generation, through revisions and evictions', async () => {
  await put(configOf(1))
  vi.setSystemTime(PURGED)
  await purge({ tag: 'red' })
  await endOne(controlStub())
  vi.setSystemTime(PURGED + 2000)
  await put(configOf(2))
  expect((await readPublished())?.purges).toHaveLength(1)
  // The clock was set back meanwhile.
  vi.setSystemTime(PURGED - 3_600_000)
  expect(await purge({ tag: 'blue' })).toMatchObject({ serial: PURGED + 1, rows: 2 })
})

it('is taken over from what is published when the control object has lost its storage', async () => {
  await put(configOf(1))
  vi.setSystemTime(PURGED)
  await purge({ tag: 'red' })
  await runInDurableObject(controlStub(), (_object, { storage }) => {
    for (const [key] of Array.from(storage.kv.list())) storage.kv.delete(key)
  })
  await endOne(controlStub())
  vi.setSystemTime(PURGED - 3_600_000)
  await put(configOf(2))
  expect(await readPublished()).toMatchObject({
    revision: 2,
    purges: [{ serial: PURGED, target: { tag: 'red' } }],
  })
  expect(await purge({ tag: 'blue' })).toMatchObject({ serial: PURGED + 1 })
})

it('is kept by itself, so that an older release leaves it alone and the next one finds it', async () => {
  await put(configOf(1))
  vi.setSystemTime(PURGED)
  await purge({ tag: 'red' })
  await runInDurableObject(controlStub(), (_object, { storage: { kv } }) => {
    expect(kv.get('field/purges')).toEqual({
      last: PURGED,
      rows: [{ serial: PURGED, target: { tag: 'red' }, kind: 'hard' }],
    })
  })
})
