import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { SnapshotNews } from '../../src/schema/snapshot.ts'
import { KEYRING } from '../../src/state/keyring.ts'
import { emptyAll, endOne } from '../support/processes-worker.ts'
import { until } from '../support/until.ts'
import { configOf, control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

afterEach(emptyAll)

const ACTOR = { name: 'ops', from: '' }

const STICKY: AuthoredConfig = {
  ...configOf(1),
  routes: { all: { steer: { policy: 'failover', pools: ['us'] }, affinity: { type: 'cookie' } } },
}

function keysIn(document: Pick<SnapshotNews, 'keyring'> | null): string[] {
  return document?.keyring?.map(({ id }) => id) ?? []
}

async function rotate(revoke: boolean) {
  const input = { revoke, actor: ACTOR, reason: 'the laptop was stolen' }
  return valueOf(await control.call('rotateAffinityKeys', input))
}

const listed = async () => valueOf(await control.call('affinityKeys', {})).items

/** As if so much time had passed for every key. */
async function age(ms: number): Promise<void> {
  await runInDurableObject(controlStub(), (_, { storage }) => {
    const moved = 'created_at_ms = created_at_ms - ?1, signs_from_ms = signs_from_ms - ?1'
    storage.sql.exec(`UPDATE keyring SET ${moved}`, ms)
  })
}

describe('the keys of affinity', () => {
  it('are in the first snapshot that has anything signed, and sign at once', async () => {
    await put(configOf(1))
    expect(await readNewest()).not.toHaveProperty('keyring')
    expect(await listed()).toEqual([])
    await put(STICKY)
    const document = await readNewest()
    expect(document).toMatchObject({ generation: 2, revision: 2 })
    const [key, ...others] = document?.keyring ?? []
    expect(others).toEqual([])
    expect(key?.id).toMatch(/^[a-z2-7]{8}$/)
    expect(key?.secret).toMatch(/^[\w-]{43}$/)
    expect(key?.signsFromMs).toBeLessThanOrEqual(Date.now())
    await until(async () => (await readPublished())?.generation === 2)
    expect(await readPublished()).toEqual(document)
  })

  it('outlive the process, and later configurations', async () => {
    await put(STICKY)
    const before = await readNewest()
    await endOne(controlStub())
    await put({ ...STICKY, settings: { name: 'other' } })
    const after = await readNewest()
    expect(after?.generation).toBeGreaterThan(before?.generation ?? 0)
    expect(after?.keyring).toEqual(before?.keyring)
  })

  it('get a new one from the cron after a week, which signs a day later', async () => {
    await put(STICKY)
    const [first = ''] = keysIn(await readNewest())
    await age(KEYRING.everyMs - 60_000)
    valueOf(await control.call('republish', {}))
    expect(keysIn(await readNewest())).toEqual([first])
    await age(120_000)
    expect(valueOf(await control.call('republish', {}))).toMatchObject({ generation: 2 })
    const [, next] = (await readNewest())?.keyring ?? []
    expect(keysIn(await readNewest())).toEqual([first, next?.id])
    const aheadMs = (next?.signsFromMs ?? 0) - Date.now()
    expect(aheadMs).toBeGreaterThan(KEYRING.aheadMs - 60_000)
    // An edge that has the configuration gets the keys with the rest of the news.
    const news = valueOf(await control.call('snapshot', { after: 1, form: await formOf() }))
    expect(news).not.toHaveProperty('config')
    expect(keysIn(news)).toEqual([first, next?.id])
    await age(KEYRING.aheadMs + KEYRING.keptMs)
    valueOf(await control.call('republish', {}))
    expect(keysIn(await readNewest())).not.toContain(first)
  })

  it('are looked after by the cron also where an older release had the configuration', async () => {
    await put(STICKY)
    await runInDurableObject(controlStub(), (_, { storage }) => {
      storage.sql.exec('DELETE FROM keyring')
    })
    valueOf(await control.call('republish', {}))
    expect(keysIn(await readNewest())).toHaveLength(1)
  })

  it('are made by whoever asks: one that waits, or one instead of all others', async () => {
    await put(STICKY)
    const [first = ''] = keysIn(await readNewest())
    const rotated = await rotate(false)
    expect(rotated.outcome).toBe('rotated')
    expect(rotated.items.map(({ state }) => state)).toEqual(['signing', 'waiting'])
    expect(keysIn(await readNewest())).toEqual(rotated.items.map(({ id }) => id))
    expect((await rotate(false)).outcome).toBe('unchanged')
    const revoked = await rotate(true)
    expect(revoked).toMatchObject({ outcome: 'revoked', items: [{ state: 'signing' }] })
    const [only = '', ...others] = keysIn(await readNewest())
    expect(others).toEqual([])
    expect(rotated.items.map(({ id }) => id)).not.toContain(only)
    const { items } = valueOf(await control.call('audit', {}))
    expect(items.slice(0, 2)).toMatchObject([
      { action: 'affinity.revoke', actor: ACTOR, after: [only] },
      { action: 'affinity.rotate', before: [first], reason: 'the laptop was stolen' },
    ])
  })

  it('show their secrets to nobody but the edges', async () => {
    await put(STICKY)
    const answers = [await rotate(false), await listed()]
    const secrets = (await readNewest())?.keyring?.map(({ secret }) => secret) ?? []
    expect(secrets).toHaveLength(2)
    for (const name of ['config', 'revisions', 'audit', 'affinityKeys', 'notifications'] as const) {
      answers.push(valueOf<never>((await control.call(name, {})) as never))
    }
    for (const secret of secrets) expect(JSON.stringify(answers)).not.toContain(secret)
  })

  it('are new after the object has lost its storage', async () => {
    await put(STICKY)
    const before = keysIn(await readNewest())
    await runInDurableObject(controlStub(), (_, { storage }) => storage.deleteAll())
    await endOne(controlStub())
    await put(STICKY)
    const after = keysIn(await readNewest())
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
  })
})

/** As an edge gets it from the object: the store follows within a second. */
async function readNewest(): Promise<SnapshotNews | null> {
  return valueOf(await control.call('snapshot', {}))
}

async function formOf(): Promise<string> {
  return (await readNewest())?.form ?? ''
}
