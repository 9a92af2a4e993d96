import { vi } from 'vitest'

/** Longer than a test counts, on a busy machine. */
const NEEDED_MS = 10_000

/** The runtime's rate limits count by the minutes of the clock: waits for the next one where this one soon ends. */
export async function untilMinuteHasTime(): Promise<void> {
  const leftMs = 60_000 - (vi.getRealSystemTime() % 60_000)
  if (leftMs > NEEDED_MS) return
  await new Promise<void>((resolve) => {
    setTimeout(resolve, leftMs + 50)
  })
}
