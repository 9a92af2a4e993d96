import { afterAll, beforeAll, vi } from 'vitest'
import { emptyAll } from './processes-worker.ts'

// Files share a runtime: each leaves it as it found it, with nothing stored and nothing replaced.
afterAll(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await emptyAll()
})

// What goes on behind the last answers of a file may be stored after that.
beforeAll(emptyAll)
