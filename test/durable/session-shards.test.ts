import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type * as z from 'zod'
import type { TouchInput } from '../../durable/session-inputs.ts'
import type { SessionAnswer } from '../../durable/session-methods.ts'
import type { Sessions } from '../../durable/sessions.ts'
import { formerShardsOf, type Sharding, shardOf } from '../../src/core/affinity/shard.ts'
import type { Env } from '../../src/env.ts'
import { emptyAll, endAll } from '../support/processes-worker.ts'
import { holdDeadlines } from '../support/patience-worker.ts'
import { until } from '../support/until.ts'
import { valueOf } from './control-harness.ts'
import { keyOf, lifetime, open, openBy, shardClient, shardStub } from './sessions-harness.ts'

// A shard waits 400 ms for another one, and a batch of 500 sessions takes a busy machine longer.
beforeEach(holdDeadlines)

afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

const untilMs = Number.MAX_SAFE_INTEGER
const FOUR: Sharding = { shards: 4, former: [] }
const SIXTEEN: Sharding = { shards: 16, former: [{ shards: 4, untilMs }] }
const THREE: Sharding = { shards: 3, former: [...SIXTEEN.former, { shards: 16, untilMs }] }

const boundAtMs = Date.now() - 60_000
const originOf = (at: number) => `us-${at % 7}`
const placeOf = (answer: SessionAnswer) => (answer.gone ? 'gone' : answer.origin)

type Items = z.input<typeof TouchInput>['items']

/** Tells the shards of sessions as isolates do, in batches. What they are told, by key. */
async function touchAll(
  sharding: Sharding,
  ats: readonly number[],
  origin: (at: number) => string,
): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>()
  for (let shard = 0; shard < sharding.shards; shard += 1) {
    const members = ats.filter((at) => shardOf(keyOf(at), sharding.shards) === shard)
    for (let first = 0; first < members.length; first += 500) {
      const items: Items = members.slice(first, first + 500).map((at) => {
        const former = formerShardsOf(keyOf(at), sharding, Date.now())
        return { key: keyOf(at), origin: origin(at), boundAtMs, lifetime, former }
      })
      const touched = valueOf(await shardClient(shard).call('touch', { items }))
      for (const { key, ...answer } of touched.items) told.set(key, placeOf(answer))
    }
  }
  return told
}

async function total(shards: number): Promise<number> {
  const all = Array.from({ length: shards }, (_, shard) => shardClient(shard).call('counts', {}))
  const counts = (await Promise.all(all)).map(valueOf)
  return counts.reduce((sum, { sessions }) => sum + sessions, 0)
}

const ats = (count: number) => Array.from({ length: count }, (_, at) => at)

/** A session that another count of shards places elsewhere. */
function movedKey(from: Sharding, to: Sharding): string {
  const keys = ats(1000).map(keyOf)
  const key = keys.find((each) => shardOf(each, from.shards) !== shardOf(each, to.shards))
  if (key === undefined) throw new Error('every key stays where it is')
  return key
}

describe('another number of shards', () => {
  it(
    'loses none of ten thousand sessions from 4 to 16 to 3, and splits none',
    { timeout: 120_000 },
    async () => {
      expect(await touchAll(FOUR, ats(10_000), originOf)).toEqual(new Map())
      const half = ats(5000)
      // Everybody proposes another origin: whoever is not told where it belongs was lost.
      const places = (count: number) => new Map(ats(count).map((at) => [keyOf(at), originOf(at)]))
      expect(await touchAll(SIXTEEN, half, () => 'eu-1')).toEqual(places(5000))
      expect(await touchAll(THREE, ats(10_000), () => 'eu-1')).toEqual(places(10_000))
      await until(async () => (await total(16)) === 10_000)
      expect(await total(3)).toBe(10_000)
    },
  )

  it('tells isolates of both counts the same, whoever asks first', async () => {
    const key = movedKey(FOUR, SIXTEEN)
    const first = await openBy(SIXTEEN, { key, origin: 'us-1' })
    // An isolate that has not heard of the new count yet.
    const late = await openBy(FOUR, { key, origin: 'eu-1' })
    expect([first, late].map(placeOf)).toEqual(['us-1', 'us-1'])
    const other = `x${key.slice(1)}`
    const [one, two] = await Promise.all([
      openBy(SIXTEEN, { key: other, origin: 'us-1' }),
      openBy(FOUR, { key: other, origin: 'eu-1' }),
    ])
    expect(placeOf(one)).toBe(placeOf(two))
  })

  it('brings a session with its data, and with its end by hand', async () => {
    const key = movedKey(FOUR, SIXTEEN)
    await openBy(FOUR, { key, boundAtMs })
    const put = { key, data: 'cart', lifetime }
    valueOf(await shardClient(shardOf(key, 4)).call('put', put))
    expect(await openBy(SIXTEEN, { key })).toMatchObject({ data: 'cart', boundAtMs })
    valueOf(await shardClient(shardOf(key, 16)).call('end', { key, lifetime }))
    expect(placeOf(await openBy(THREE, { key, boundAtMs }))).toBe('gone')
  })
})

describe('a session on its way to another shard', () => {
  const key = movedKey(FOUR, SIXTEEN)
  const [from, to] = [shardOf(key, 4), shardOf(key, 16)]

  /** Lets the new shard fail at a call of the former one, before or after it was heard. */
  async function breakAt(method: string, when: 'before' | 'after'): Promise<void> {
    await runInDurableObject(shardStub(to), (object: Sessions) => {
      const inner = object as unknown as { env: Pick<Env, 'SESSIONS'> }
      const namespace = {
        idFromName: (name: string) => env.SESSIONS.idFromName(name),
        get: (id: DurableObjectId) => ({
          async fetch(url: string, init: RequestInit) {
            const isIt = url.endsWith(method)
            if (isIt && when === 'before') throw new Error('the process ended')
            const answer = await env.SESSIONS.get(id).fetch(url, init)
            if (isIt) throw new Error('the process ended')
            return answer
          },
        }),
      }
      inner.env = { SESSIONS: namespace as unknown as DurableObjectNamespace }
    })
  }

  it.each([
    ['lend', 'before'],
    ['lend', 'after'],
  ] as const)(
    'is not bound anew when its process ends at %s, %s it was heard',
    async (method, when) => {
      await open(from, { key, origin: 'us-1', boundAtMs })
      await breakAt(method, when)
      const failed = await shardClient(to).call('open', {
        key,
        origin: 'eu-1',
        lifetime,
        former: [from],
      })
      expect(failed.ok).toBe(false)
      await endAll()
      expect(await open(to, { key, origin: 'eu-1', former: [from] })).toMatchObject({
        origin: 'us-1',
        boundAtMs,
      })
    },
  )

  it.each([
    ['hand', 'before'],
    ['hand', 'after'],
  ] as const)(
    'is there once or twice, and never nowhere, at %s, %s it was heard',
    async (method, when) => {
      await open(from, { key, origin: 'us-1', boundAtMs })
      await breakAt(method, when)
      expect(await open(to, { key, origin: 'eu-1', former: [from] })).toMatchObject({
        origin: 'us-1',
      })
      await endAll()
      expect(await open(to, { key, origin: 'eu-1', former: [from] })).toMatchObject({
        origin: 'us-1',
      })
      expect(await open(from, { key, origin: 'eu-1' })).toMatchObject({ origin: 'us-1' })
    },
  )
})
