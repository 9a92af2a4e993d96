import { env } from 'cloudflare:workers'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { forget } from '../../src/cache/memory.ts'
import { nameOfKey } from '../../src/cache/policy/key.ts'
import { createTierMemory } from '../../src/cache/tier-memory.ts'
import { openTiers } from '../../src/cache/tiers.ts'
import { requestOf, urlOf } from './builders.ts'

import { ask, isolateOf, page, residentIn, snapshotWith, stage } from './caching-world.ts'

afterEach(() => void vi.unstubAllGlobals())

/** An isolate, and the tiers beyond it, with nothing under the key of what it was asked for. */
async function stageEmpty(tiers: object, answers: readonly Response[]) {
  const snapshot = snapshotWith(tiers)
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'max-age=60' }), ...answers)
  await ask(isolate, snapshot)
  const { key } = residentIn(isolate).head
  const name = nameOfKey(key)
  const places = { storage: caches, namespace: env.CACHE, host: urlOf(requestOf('/')).host }
  const { colo } = openTiers(places, createTierMemory())
  const emptyColo = () => colo.delete(name)
  const askAnew = (): Promise<string> => {
    forget(isolate.cache.memory, key)
    isolate.cache.tiers.known.clear()
    return ask(isolate, snapshot)
  }
  await emptyColo()
  await env.CACHE.delete(name)
  onTestFinished(emptyColo)
  return { isolate, name, colo, emptyColo, askAnew }
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
