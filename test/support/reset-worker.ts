import { reset } from 'cloudflare:test'
import { afterAll, vi } from 'vitest'

// Files share a runtime: each leaves it as it found it, with nothing stored and nothing replaced.
afterAll(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await reset()
})
