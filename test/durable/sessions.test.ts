import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openSessionTable } from '../../durable/session-table.ts'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { valueOf } from './control-harness.ts'
import { HOUR, keyOf, lifetime, open, shardClient, shardStub, shrink } from './sessions-harness.ts'

// Ahead of the real clock, so that no alarm fires by itself.
const NOW = Date.UTC(2126, 10, 21)

afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

/** Stops the clock of the object, at so long after `NOW`. */
function setClock(afterMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW + afterMs })
}

const counts = async () => valueOf(await shardClient(0).call('counts', {}))
const alarmAt = () => runInDurableObject(shardStub(0), (_, { storage }) => storage.getAlarm())
const find = async (at: number) => valueOf(await shardClient(0).call('find', { key: keyOf(at) }))

describe('a shard of sessions', () => {
  it('binds a client to the first origin that anybody proposes, however many do at once', async () => {
    const proposals = Array.from({ length: 50 }, (_, at) => open(0, { origin: `us-${at % 5}` }))
    const origins = (await Promise.all(proposals)).map((answer) => answer.gone || answer.origin)
    expect(new Set(origins).size).toBe(1)
    expect(await counts()).toMatchObject({ sessions: 1, origins: { [String(origins[0])]: 1 } })
  })

  it('moves a client with the first who saw its origin out, and tells the others', async () => {
    await open(0)
    const movers = ['eu-1', 'ap-1', 'eu-2'].map((origin) => open(0, { origin, from: 'us-1' }))
    const origins = (await Promise.all(movers)).map((answer) => answer.gone || answer.origin)
    expect(origins).toEqual(['eu-1', 'eu-1', 'eu-1'])
  })

  it('goes on where it was after an eviction, and after a new process began in the middle', async () => {
    await open(0)
    await endOne(shardStub(0))
    expect(await open(0, { origin: 'eu-1' })).toMatchObject({ origin: 'us-1' })
    await endAll()
    expect(await open(0, { origin: 'eu-1' })).toMatchObject({ origin: 'us-1' })
    expect(await counts()).toMatchObject({ sessions: 1, origins: { 'us-1': 1 } })
  })

  it('takes note of many uses in one call, and says only what an isolate has wrong', async () => {
    await Promise.all([1, 2, 3].map((at) => open(0, { key: keyOf(at) })))
    const put = { key: keyOf(2), origin: 'eu-1', data: 'cart 7', lifetime }
    valueOf(await shardClient(0).call('put', put))
    valueOf(await shardClient(0).call('end', { key: keyOf(3), lifetime }))
    const boundAtMs = Date.now() - 1000
    const item = { origin: 'us-1', boundAtMs, lifetime }
    const items = [1, 2, 3, 4].map((at) => ({ ...item, key: keyOf(at) }))
    const touched = valueOf(await shardClient(0).call('touch', { items }))
    expect(touched.items).toEqual([
      {
        key: keyOf(2),
        gone: false,
        origin: 'eu-1',
        data: 'cart 7',
        boundAtMs: expect.any(Number),
        dataAtMs: expect.any(Number),
      },
      { key: keyOf(3), gone: true },
    ])
    // One that it had lost is back: the isolate knew where it belongs.
    expect(await find(4)).toMatchObject({ origin: 'us-1', boundAtMs })
    expect(await counts()).toMatchObject({ sessions: 3, origins: { 'us-1': 2, 'eu-1': 1 } })
  })

  it('keeps what an origin wants kept with a session, and takes it away again', async () => {
    const item = { key: keyOf(1), origin: 'us-1', lifetime }
    const [kept] = valueOf(
      await shardClient(0).call('touch', { items: [{ ...item, data: 'a' }] }),
    ).items
    expect(kept).toMatchObject({ gone: false, data: 'a' })
    expect(await find(1)).toMatchObject({ origin: 'us-1', data: 'a' })
    const moved = await open(0, { origin: 'eu-1', from: 'us-1' })
    expect(moved).toMatchObject({ origin: 'eu-1', data: 'a' })
    await shardClient(0).call('put', { ...item, origin: undefined, data: null })
    expect(await find(1)).not.toHaveProperty('data')
  })

  it('refuses data that is too long, a key that is no digest, and a batch without end', async () => {
    const item = { key: keyOf(1), origin: 'us-1', lifetime }
    const refused = { ok: false, error: { kind: 'refused' } }
    const client = shardClient(0)
    const long = { ...item, data: 'x'.repeat(4097) }
    expect(await client.call('touch', { items: [long] })).toMatchObject(refused)
    expect(await client.call('open', { ...item, key: 'anna' })).toMatchObject(refused)
    const items = Array.from({ length: 1001 }, () => item)
    expect(await client.call('touch', { items })).toMatchObject(refused)
    expect(await counts()).toMatchObject({ sessions: 0 })
  })
})

describe('a session that nobody uses', () => {
  it('ends by itself, in batches, and the shard sleeps when none is left', async () => {
    setClock(0)
    const short = { ttlMs: 20_000, idleMs: 20_000 }
    const item = { origin: 'us-1', lifetime: short }
    const items = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => ({ ...item, key: keyOf(from + at) }))
    await shardClient(0).call('touch', { items: items(0, 1000) })
    await shardClient(0).call('touch', { items: items(1000, 1500) })
    await open(0, { key: keyOf(9999), lifetime: { ttlMs: HOUR, idleMs: HOUR } })
    expect(await alarmAt()).toBe(NOW + 20_000)
    setClock(20_000)
    // Over, though its row still stands there.
    expect(await find(7)).toBeNull()
    await runDurableObjectAlarm(shardStub(0))
    expect(await counts()).toMatchObject({ sessions: 501, expired: 1000 })
    await runDurableObjectAlarm(shardStub(0))
    expect(await counts()).toMatchObject({ sessions: 1, expired: 1500 })
    expect(await alarmAt()).toBe(NOW + HOUR)
    setClock(HOUR)
    await runDurableObjectAlarm(shardStub(0))
    expect(await counts()).toEqual({ sessions: 0, origins: {}, expired: 1501, evicted: 0 })
    expect(await alarmAt()).toBeNull()
  })

  it('stands as long as it is used, wherever the alarm was set', async () => {
    setClock(0)
    await open(0, { lifetime })
    setClock(HOUR)
    await open(0, { lifetime })
    setClock(1.5 * HOUR)
    await runDurableObjectAlarm(shardStub(0))
    expect(await find(1)).toMatchObject({ origin: 'us-1', usedAtMs: NOW + HOUR })
    setClock(2.2 * HOUR)
    await runDurableObjectAlarm(shardStub(0))
    expect(await counts()).toMatchObject({ sessions: 0, expired: 1 })
  })

  it('is swept by a process that has just begun too', async () => {
    setClock(0)
    await open(0, { lifetime })
    await endOne(shardStub(0))
    setClock(2 * HOUR)
    await runDurableObjectAlarm(shardStub(0))
    expect(await counts()).toMatchObject({ sessions: 0, expired: 1 })
  })
})

it('makes room by those who would end first, and says how many', async () => {
  setClock(0)
  await shrink(0, 100)
  for (let at = 0; at < 120; at += 1) {
    setClock(at * 1000)
    await open(0, { key: keyOf(at) })
  }
  expect(await counts()).toMatchObject({ sessions: 100, evicted: 20 })
  expect([await find(19), await find(20)]).toMatchObject([null, { origin: 'us-1' }])
})

it('counts many sessions in slices, and right although they come and go meanwhile', async () => {
  await open(0)
  const [told, expected] = await runInDurableObject(
    shardStub(0),
    async (_, { storage: { sql } }) => {
      sql.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 35000)
      INSERT INTO sessions SELECT printf('a%021d', i), iif(i % 9, 'open', 'handed'), 'us-' || (i % 7), i, i, i, NULL, 0 FROM n
    `)
      const table = openSessionTable(sql, 35_100)
      const counting = table.counts()
      for (let at = 0; at < 500; at += 1) {
        const session = { standing: 'open', origin: `us-${at % 5}`, data: undefined } as const
        const times = { boundAtMs: at, usedAtMs: at, expiresAtMs: 1e9 + at, dataAtMs: 0 }
        // Some are new, and some have been elsewhere; for each of the new ones another goes.
        table.put(`a${String(at * 140).padStart(21, '0')}`, { ...session, ...times })
        if (at % 50 === 0) await scheduler.wait(0)
      }
      table.sweep(20, 10)
      const counted = Object.fromEntries(await counting)
      const query = `SELECT origin, COUNT(*) AS n FROM sessions WHERE standing = 'open' GROUP BY 1`
      const rows = [...sql.exec<{ origin: string; n: number }>(query)]
      return [counted, Object.fromEntries(rows.map(({ origin, n }) => [origin, n]))]
    },
  )
  expect(told).toEqual(expected)
})
