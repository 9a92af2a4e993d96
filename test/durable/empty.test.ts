import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'

const stub = () => env.ORIGIN.get(env.ORIGIN.idFromName('us-1'))

const ends = {
  'is at work': async () => {},
  'has ended in the middle of its work': endAll,
  'is at rest': () => endOne(stub()),
}

// Otherwise a test would begin with what another one has left, now and then.
it.each(Object.entries(ends))('nothing is left of an object that %s', async (_name, end) => {
  await runInDurableObject(stub(), (_, { storage }) => storage.kv.put('key', 'value'))
  await end()
  await emptyAll()
  const left = await runInDurableObject(stub(), (_, { storage }) => Array.from(storage.kv.list()))
  expect(left).toEqual([])
})
