import { env } from 'cloudflare:workers'
import { beforeEach, expect, it, vi } from 'vitest'
import { createChecker } from '../../durable/zone/checker.ts'
import { createDocumentSource, type ReadDocument } from '../../durable/zone/document.ts'
import type { SnapshotDocument } from '../../src/schema/snapshot.ts'
import type { ZoneEffect } from '../../src/state/dns/event.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { untilHolds } from '../support/until.ts'
import { configOf, put, ZONE } from './zone-harness.ts'

const RESOLVER = 'https://resolver.example/dns-query'

function documentOf(): SnapshotDocument {
  const check = { nameServers: false, resolvers: [RESOLVER] }
  const parsed = parseConfig(configOf({}, { check }))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const conditions = { origins: {}, pools: {} }
  const { config } = parsed
  return { format: 1, revision: 1, form: 'a', generation: 1, publishedAtMs: 0, config, conditions }
}

const read: ReadDocument = { ok: true, document: documentOf() }
const check = createChecker({ recent: async () => read })

function checkOf(record: string, agoMs = 0): Extract<ZoneEffect, { type: 'check' }> {
  const key = { name: `${record}.example.com`, type: 'A' } as const
  return { type: 'check', zone: ZONE, record, key, expected: [], atMs: Date.now() - agoMs }
}

/** Questions that wait for their answer, oldest first. */
const waiting: (() => void)[] = []

beforeEach(() => {
  waiting.length = 0
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    () =>
      new Promise((resolve) => {
        waiting.push(() => resolve(new Response('', { status: 503 })))
      }),
  )
})

it('asks about one record after the other, so that writing need not wait for looking', async () => {
  const checks = ['a', 'b', 'c'].map((record) => check(checkOf(record)))
  for (const number of [1, 2, 3]) {
    await untilHolds(() => expect(waiting).toHaveLength(number))
    await scheduler.wait(5)
    expect(waiting).toHaveLength(number)
    waiting.at(-1)?.()
  }
  const why = 'it answered 503 with text/plain;charset=UTF-8'
  const failed = [{ target: RESOLVER, kind: 'resolver', outcome: 'failed', why }]
  expect(await Promise.all(checks)).toMatchObject([
    { type: 'checked', record: 'a', results: failed },
    { record: 'b', results: failed },
    { record: 'c', results: failed },
  ])
})

it('leaves out what had no turn for long: it is asked for again', async () => {
  expect(await check(checkOf('late', 31_000))).toBeUndefined()
  expect(waiting).toHaveLength(0)
})

it('says when it was begun, however long it had waited', async () => {
  const beforeMs = Date.now()
  const asked = check(checkOf('a', 20_000))
  await untilHolds(() => expect(waiting).toHaveLength(1))
  waiting[0]?.()
  expect((await asked)?.atMs).toBeGreaterThanOrEqual(beforeMs)
})

it('says nothing of a record where nobody can be asked', async () => {
  const away = createChecker({ recent: async () => ({ ok: false, why: 'away' }) })
  expect(await away(checkOf('a'))).toMatchObject({ record: 'a', results: [] })
})

it('goes by settings that were read lately, and does not ask the control object for each record', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const source = createDocumentSource(() => env)
  await put(configOf())
  const first = await source.recent()
  await put(configOf({ ttl: 120 }))
  expect(await source.recent()).toEqual(first)
  vi.setSystemTime(Date.now() + 91_000)
  expect(await source.recent()).toMatchObject({
    document: { config: { dns: { records: { www: { ttl: 120 } } } } },
  })
  vi.useRealTimers()
})
