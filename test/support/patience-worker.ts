import { vi } from 'vitest'

/**
 * No deadline of the code passes until the timers are real again: what it would give up after some hundred
 * milliseconds it waits for, however busy the machine is.
 */
export function holdDeadlines(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
}
