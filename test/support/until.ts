import { vi } from 'vitest'

/** Waits until a condition holds: long enough for a busy machine, and no longer than it takes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 10 })
}
