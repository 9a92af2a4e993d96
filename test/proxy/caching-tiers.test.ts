import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forget } from '../../src/cache/memory.ts'
import { nameOfKey } from '../../src/cache/policy/key.ts'
import { createTierMemory } from '../../src/cache/tier-memory.ts'
import { openTiers } from '../../src/cache/tiers.ts'
import { holdDeadlines } from '../support/patience-worker.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { requestOf, urlOf } from './builders.ts'
import { ask, isolateOf, KEY, page, residentIn, snapshotWith, stage } from './caching-world.ts'

beforeEach(holdDeadlines)

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Larger than what memory takes. */
const large = (maxAge: number) =>
  new Response(new Uint8Array(200_000), { headers: { 'cache-control': `max-age=${maxAge}` } })

/** An isolate, and the tiers beyond it, with nothing there. */
async function stageEmpty(tiers: object, answers: readonly Response[]) {
  await emptyAll()
  const snapshot = snapshotWith(tiers)
  const isolate = isolateOf(snapshot)
  stage(...answers)
  const name = nameOfKey(KEY)
  const places = { storage: caches, namespace: env.CACHE, host: urlOf(requestOf('/')).host }
  const { colo } = openTiers(places, createTierMemory())
  const emptyColo = () => colo.delete(name)
  const askAnew = (): Promise<string> => {
    forget(isolate.cache.memory, KEY)
    isolate.cache.tiers.known.clear()
    return ask(isolate, snapshot)
  }
  return { isolate, snapshot, name, colo, emptyColo, askAnew }
}

test('what its origin has taken back is in the data centre no more', async () => {
  const brief = page({ 'cache-control': 'max-age=0, stale-if-error=60' })
  const answers = [brief, page({ 'cache-control': 'private' })]
  const { name, colo, askAnew } = await stageEmpty({ kv: false }, answers)
  expect(await askAnew()).toContain('stored')
  expect(await colo.get(name)).toMatchObject({ type: 'answer' })
  expect(await askAnew()).toContain('detail=private')
  expect(await colo.get(name)).toBeUndefined()
})

test('what comes from KV is in memory and in the data centre from then on', async () => {
  const answers = [page({ 'cache-control': 'max-age=7200' })]
  const { isolate, name, emptyColo, askAnew } = await stageEmpty({}, answers)
  expect(await askAnew()).toContain('stored')
  await emptyColo()
  expect(await askAnew()).toMatch(/^hit; ttl/)
  expect(residentIn(isolate).head.freshMs).toBe(7_200_000)
  await env.CACHE.delete(name)
  expect(await askAnew()).toMatch(/^hit; ttl/)
})

test('a large one that comes from KV is in the data centre from then on', async () => {
  const { name, emptyColo, askAnew } = await stageEmpty({}, [large(7200)])
  expect(await askAnew()).toContain('stored')
  await emptyColo()
  expect(await askAnew()).toMatch(/^hit; ttl/)
  await env.CACHE.delete(name)
  expect(await askAnew()).toMatch(/^hit; ttl/)
})

test('what memory does not hold goes to KV at its second use from the data centre', async () => {
  const cases = [
    [{}, large(120)],
    [{ memory: false }, page({ 'cache-control': 'max-age=120' })],
  ] as const
  for (const [tiers, answer] of cases) {
    const { isolate, snapshot, name, askAnew } = await stageEmpty(tiers, [answer])
    expect(await askAnew()).toContain('stored')
    for (const isThere of [false, true]) {
      expect(await ask(isolate, snapshot)).toMatch(/^hit; ttl/)
      expect((await env.CACHE.get(name)) !== null).toBe(isThere)
    }
  }
})
