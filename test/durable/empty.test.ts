import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'

const stub = () => env.ORIGIN.get(env.ORIGIN.idFromName('us-1'))
const KEPT = 'https://kept.example.com/'

const ends = {
  'is at work': async () => {},
  'has ended in the middle of its work': endAll,
  'is at rest': () => endOne(stub()),
}

// Otherwise a test would begin with what another one has left, now and then.
it.each(Object.entries(ends))('nothing is left when an object %s', async (_name, end) => {
  await runInDurableObject(stub(), (_, { storage }) => storage.kv.put('key', 'value'))
  await env.SNAPSHOTS.put('key', 'value')
  await env.CACHE.put('key', 'value')
  const kept = new Response('kept', { headers: { 'cache-control': 'max-age=60' } })
  const answers = await caches.open('portolan-answers')
  await answers.put(KEPT, kept)
  await end()
  await emptyAll()
  const left = await runInDurableObject(stub(), (_, { storage }) => Array.from(storage.kv.list()))
  expect(left).toEqual([])
  expect(await env.SNAPSHOTS.get('key')).toBeNull()
  expect(await env.CACHE.get('key')).toBeNull()
  expect(await answers.match(KEPT)).toBeUndefined()
})
