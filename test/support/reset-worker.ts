import { afterAll, beforeAll, vi } from 'vitest'
import { emptyAll } from './processes-worker.ts'

// Files share a runtime: each leaves it as it found it, with nothing stored and nothing replaced.
afterAll(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await emptyAll()
})

beforeAll(async () => {
  // A clock that is set after the end of a file stands still for the next one.
  if (vi.getMockedSystemTime() !== null)
    throw new Error('a file before this one goes on, and set the clock')
  // What goes on behind the last answers of a file may be stored after that.
  await emptyAll()
})
