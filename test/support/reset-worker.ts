import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, vi } from 'vitest'
import { emptyAll } from './processes-worker.ts'

/** Nothing stored; what an object has published on its way out goes, too. */
async function empty(): Promise<void> {
  await emptyAll()
  for (const store of [env.SNAPSHOTS, env.CACHE]) {
    const { keys } = await store.list()
    await Promise.all(keys.map(({ name }) => store.delete(name)))
  }
}

// Files share a runtime: each leaves it as it found it, with nothing stored and nothing replaced.
afterAll(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await empty()
})

// What goes on behind the last answers of a file may be stored after that.
beforeAll(empty)
