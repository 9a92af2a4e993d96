import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it } from 'vitest'
import { REVISIONS_KEPT } from '../../src/state/revision/revision.ts'
import { emptyAll, endOne } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { configOf, control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

afterEach(emptyAll)

describe('before the first configuration', () => {
  it('there is nothing to read and nothing to go back to', async () => {
    expect(valueOf(await control.call('config', {}))).toBeNull()
    expect(valueOf(await control.call('snapshot', {}))).toBeNull()
    expect(valueOf(await control.call('revisions', {}))).toEqual({ items: [] })
    expect(valueOf(await control.call('revision', { revision: 1 }))).toBeNull()
    const rolledBack = valueOf(await control.call('rollback', { to: 1 }))
    expect(rolledBack).toEqual({ outcome: 'not-kept', revision: 0 })
    const published = { revision: 0, generation: 0, published: 0, failures: 0 }
    expect(valueOf(await control.call('republish', {}))).toEqual(published)
    expect(await readPublished()).toBeNull()
  })
})

describe('an accepted configuration', () => {
  it('is published in canonical form, and kept as authored', async () => {
    const answer = await put(configOf(2))
    expect(answer).toMatchObject({
      outcome: 'accepted',
      revision: 1,
      generation: 1,
      published: true,
    })
    const document = await readPublished()
    expect(document).toMatchObject({
      format: 1,
      revision: 1,
      generation: 1,
      config: { settings: { prefix: '/_portolan' }, pools: { us: { state: 'ready' } } },
      conditions: { origins: {}, pools: {} },
    })
    expect(valueOf(await control.call('snapshot', {}))).toEqual(document)
    const current = { revision: 1, generation: 1, authored: configOf(2) }
    expect(valueOf(await control.call('config', {}))).toEqual(current)
  })

  it('is read by version: nothing for who has it already', async () => {
    await put(configOf(1))
    await put(configOf(2))
    expect(valueOf(await control.call('snapshot', { after: 1 }))).toMatchObject({ generation: 2 })
    expect(valueOf(await control.call('snapshot', { after: 2 }))).toBeNull()
    expect(valueOf(await control.call('snapshot', { after: 3 }))).toBeNull()
  })

  it('survives the object being evicted, with its numbers', async () => {
    await put(configOf(1))
    await endOne(controlStub())
    expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 1, generation: 1 })
    expect(await put(configOf(2))).toMatchObject({ revision: 2, generation: 2 })
  })

  it('that says what is in force already makes no revision', async () => {
    await put(configOf(1))
    expect(await put(configOf(1))).toMatchObject({ outcome: 'unchanged', revision: 1, diff: [] })
  })

  it('may weigh megabytes and be written in any script', async () => {
    const message = 'größer 🚦 更新'
    const routes = Object.fromEntries(
      Array.from({ length: 4000 }, (_, at) => [
        `route-${at}`,
        { match: { path: `/${at}/*` }, respond: { status: 200, body: '🚦ü'.repeat(180) } },
      ]),
    )
    const authored = { routes }
    const bytes = new TextEncoder().encode(JSON.stringify(authored)).byteLength
    expect(bytes).toBeGreaterThan(4_500_000)
    const answer = valueOf(await control.call('put', { authored, author: 'Жан', message }))
    expect(answer).toMatchObject({ outcome: 'accepted', published: true, diffOmitted: 11_800 })
    await endOne(controlStub())
    expect(valueOf(await control.call('config', {}))?.authored).toEqual(authored)
    const { items } = valueOf(await control.call('revisions', {}))
    expect(items).toEqual([
      { revision: 1, author: 'Жан', message, bytes, createdAtMs: expect.any(Number) },
    ])
    const document = await readPublished()
    expect(Object.keys(document?.config.routes ?? {})).toHaveLength(4000)
  })

  it('is never one that has errors', async () => {
    const answer = await put({ pools: { us: { origins: {} } }, rutes: {} })
    expect(answer).toMatchObject({ outcome: 'rejected' })
    for (const nonsense of [null, 1, 'x', [], true]) {
      expect(await put(nonsense)).toMatchObject({ outcome: 'rejected' })
    }
    expect(await readPublished()).toBeNull()
  })

  it('is refused when it is larger than can be published', async () => {
    const body = 'x'.repeat(60_000)
    const routes = Object.fromEntries(
      Array.from({ length: 150 }, (_, at) => [`route-${at}`, { respond: { status: 200, body } }]),
    )
    const answer = await put({ routes })
    expect(answer).toMatchObject({
      outcome: 'rejected',
      problems: [{ severity: 'error', path: '' }],
    })
  })
})

describe('a dry run', () => {
  it('says what would happen, and changes nothing', async () => {
    await put(configOf(1))
    const authored = configOf(2)
    const answer = valueOf(await control.call('put', { authored, dryRun: true }))
    expect(answer).toMatchObject({
      outcome: 'accepted',
      dryRun: true,
      diff: [{ path: '/pools/us/origins/us-1/weight', before: 1, after: 2 }],
    })
    expect(valueOf(await control.call('config', {}))).toMatchObject({ revision: 1, generation: 1 })
    const mismatch = { authored, dryRun: true, expect: [7] }
    expect(valueOf(await control.call('put', mismatch))).toMatchObject({ outcome: 'mismatch' })
  })
})

describe('revisions', () => {
  it('are told newest first, page by page', async () => {
    for (let weight = 1; weight <= 5; weight += 1) await put(configOf(weight))
    const first = valueOf(await control.call('revisions', { limit: 2 }))
    expect(first.items.map(({ revision }) => revision)).toEqual([5, 4])
    const second = valueOf(await control.call('revisions', { limit: 2, before: first.next }))
    expect(second.items.map(({ revision }) => revision)).toEqual([3, 2])
    const last = valueOf(await control.call('revisions', { limit: 2, before: second.next }))
    expect(last.items.map(({ revision }) => revision)).toEqual([1])
    expect(last.next).toBeUndefined()
  })

  it('can be gone back to, as a new revision', async () => {
    await put(configOf(1))
    await put(configOf(2))
    const answer = valueOf(await control.call('rollback', { to: 1, message: 'back' }))
    expect(answer).toMatchObject({ outcome: 'accepted', revision: 3, generation: 3 })
    expect(valueOf(await control.call('revision', { revision: 3 }))).toMatchObject({
      restores: 1,
      message: 'back',
      authored: configOf(1),
      diff: [{ path: '/pools/us/origins/us-1/weight', before: 2, after: 1 }],
    })
    // The store takes one write a second: what comes sooner waits, and is one.
    await untilHolds(async () =>
      expect(await readPublished()).toMatchObject({ revision: 3, generation: 3 }),
    )
  })

  it('are made one after the other, however many come at once', async () => {
    const weights = Array.from({ length: 20 }, (_, at) => at + 1)
    const answers = await Promise.all(weights.map((weight) => put(configOf(weight))))
    const revisions = answers.map((answer) => ('revision' in answer ? answer.revision : 0))
    expect(revisions.toSorted((left, right) => left - right)).toEqual(weights)
    const current = valueOf(await control.call('config', {}))
    expect(current).toMatchObject({ revision: 20, generation: 20 })
  })

  it('beyond the newest are deleted, with the documents that nothing else repeats', async () => {
    for (let weight = 1; weight <= REVISIONS_KEPT + 2; weight += 1) await put(configOf(weight % 5))
    const counts = await runInDurableObject(controlStub(), (_object, { storage }) => [
      storage.sql.exec('SELECT count(*) AS n FROM revisions').one()['n'],
      storage.sql.exec('SELECT min(revision) AS n FROM revisions').one()['n'],
      storage.sql.exec('SELECT count(*) AS n FROM documents').one()['n'],
    ])
    expect(counts).toEqual([REVISIONS_KEPT, 3, 5])
  }, 60_000)
})
