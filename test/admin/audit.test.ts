import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { openAuditStore } from '../../durable/audit-store.ts'
import { digest } from '../../src/admin/digest.ts'
import type { AuditEntry } from '../../src/schema/audit.ts'
import { GENESIS } from '../../src/state/audit-chain.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { ask } from './ask.ts'

const put = async (weight: number, query = '') => {
  const origins = { 'us-1': { url: 'https://us-1.example.com', weight } }
  const body = JSON.stringify({ pools: { us: { origins } } })
  const headers = { 'cf-connecting-ip': '192.0.2.9' }
  return ask(`/v1/config${query}`, { method: 'PUT', body, headers })
}

const stub = () => env.CONTROL.get(env.CONTROL.idFromName('control'))

/** Runs a statement in the storage of the control object, as somebody would who can get at it. */
async function tamper(statement: string): Promise<void> {
  await runInDurableObject(stub(), (_object, state) => void state.storage.sql.exec(statement))
}

afterEach(emptyAll)

describe('the audit log', () => {
  it('tells who did what, from where, when and why', async () => {
    await put(1, '?message=first&author=ann')
    await put(2)
    await ask('/v1/revisions/1/rollback?message=back', { method: 'POST' })
    const made = await ask('/v1/tokens', {
      method: 'POST',
      body: JSON.stringify({ name: 'ci', scopes: ['read'], reason: 'for the pipeline' }),
    })
    const { token: _, ...view } = made.json
    await ask(`/v1/tokens/${view.id}?reason=done`, { method: 'DELETE' })
    const { json } = await ask('/v1/audit')
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/)
    const root = { name: 'root', from: '' }
    const common = { atMs: expect.any(Number), hash, actor: root, reason: '' }
    const target = `token:${view.id}`
    expect(json.items).toEqual([
      { ...common, sequence: 5, action: 'token.delete', target, reason: 'done', before: view },
      {
        ...common,
        sequence: 4,
        action: 'token.create',
        target,
        reason: 'for the pipeline',
        after: view,
      },
      {
        ...common,
        sequence: 3,
        action: 'config.rollback',
        target: 'revision:3',
        reason: 'back',
        before: { revision: 2 },
        after: { revision: 3, digest: hash, restores: 1 },
      },
      {
        ...common,
        sequence: 2,
        action: 'config.put',
        target: 'revision:2',
        actor: { name: 'root', from: '192.0.2.9' },
        before: { revision: 1 },
        after: { revision: 2, digest: hash },
      },
      {
        ...common,
        sequence: 1,
        action: 'config.put',
        target: 'revision:1',
        actor: { name: 'root', from: '192.0.2.9' },
        reason: 'first',
        before: { revision: 0 },
        after: { revision: 1, digest: hash },
      },
    ])
  })

  it('can be checked by whoever reads it, as docs/api.md says', async () => {
    for (const weight of [1, 2, 3]) await put(weight)
    const entries: AuditEntry[] = (await ask('/v1/audit')).json.items.toReversed()
    let before = '0'.repeat(64)
    for (const { hash, ...entry } of entries) {
      expect(hash).toBe(await digest(`${before}\n${JSON.stringify(entry)}`))
      before = hash
    }
  })

  it('says nothing of what was not done', async () => {
    await put(1)
    await put(1)
    await put(2, '?dryRun=true')
    await ask('/v1/config', { method: 'PUT', body: '{ "nonsense": 1 }' })
    expect((await ask('/v1/audit')).json.items).toHaveLength(1)
  })

  it('is read page by page', async () => {
    for (const weight of [1, 2, 3]) await put(weight)
    const first = await ask('/v1/audit?limit=2')
    const rest = await ask(`/v1/audit?limit=2&before=${first.json.next}`)
    const numbers = [first, rest].map(({ json }) =>
      json.items.map(({ sequence }: AuditEntry) => sequence),
    )
    expect(numbers).toEqual([[3, 2], [1]])
    expect(rest.json).not.toHaveProperty('next')
  })

  it('is written together with the change, or neither is', async () => {
    await put(1)
    await tamper('ALTER TABLE audit RENAME TO elsewhere')
    expect((await put(2)).status).toBe(502)
    await tamper('ALTER TABLE elsewhere RENAME TO audit')
    expect((await ask('/v1/config')).headers.get('etag')).toBe('"1"')
    expect((await put(2)).json).toMatchObject({ outcome: 'accepted', revision: 2 })
  })
})

describe('GET /v1/audit/verify', () => {
  it('says that the chain holds, and where it ends', async () => {
    await put(1)
    await put(2)
    const [newest] = (await ask('/v1/audit')).json.items
    const { json } = await ask('/v1/audit/verify')
    const head = { sequence: 2, hash: newest.hash }
    expect(json).toEqual({
      ok: true,
      detail: '2 entries are what was written',
      entries: 2,
      anchor: GENESIS,
      head,
    })
    const noted = await ask(`/v1/audit/verify?sequence=2&hash=${head.hash}`)
    expect(noted.json.ok).toBe(true)
    const other = await ask(`/v1/audit/verify?sequence=1&hash=${head.hash}`)
    expect(other.json).toMatchObject({ ok: false, detail: expect.stringContaining('another hash') })
    expect((await ask('/v1/audit/verify?sequence=1')).status).toBe(400)
  })

  it.each([
    ["UPDATE audit SET text = replace(text, '192.0.2.9', '192.0.2.8') WHERE sequence = 2", 2],
    ['DELETE FROM audit WHERE sequence = 1', 1],
    ['DELETE FROM audit WHERE sequence = 2', 2],
    ['DELETE FROM audit WHERE sequence = 3', 3],
    ['DELETE FROM audit', 1],
  ])('shows what was done behind its back: %s', async (statement, brokenAt) => {
    for (const weight of [1, 2, 3]) await put(weight)
    await tamper(statement)
    expect((await ask('/v1/audit/verify')).json).toMatchObject({ ok: false, brokenAt })
  })

  it('holds from the anchor on when the oldest entries are gone', async () => {
    await runInDurableObject(stub(), (_object, state) => {
      const store = openAuditStore(state.storage.sql, 3)
      const actor = { name: 'ann', from: '' }
      for (let at = 1; at <= 10; at += 1) {
        store.append({ action: 'state.set', target: `origin:o-${at}`, actor, reason: '' }, at)
      }
    })
    expect((await ask('/v1/audit/verify')).json).toMatchObject({
      ok: true,
      entries: 3,
      anchor: { sequence: 7 },
      head: { sequence: 10 },
    })
  })

  it('checks a long log in several goes', async () => {
    await runInDurableObject(stub(), (_object, state) => {
      const store = openAuditStore(state.storage.sql)
      const actor = { name: 'ann', from: '' }
      for (let at = 1; at <= 450; at += 1) {
        store.append({ action: 'state.set', target: `origin:o-${at}`, actor, reason: '' }, at)
      }
    })
    const { json } = await ask('/v1/audit/verify')
    expect(json).toMatchObject({ ok: true, entries: 450, head: { sequence: 450 } })
  })
})
