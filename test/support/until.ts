/** Long enough for a busy machine. */
const TIMEOUT_MS = 20_000

/**
 * Waits until a condition holds, and no longer than a twentieth more than it takes: who has waited long looks less
 * often. To look may be a call to the router, and several tests at once that look as fast as they can keep the
 * machine busy with nothing else.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const beganMs = performance.now()
  while (!(await condition())) {
    const waitedMs = performance.now() - beganMs
    if (waitedMs > TIMEOUT_MS) throw new Error(`still not so after ${TIMEOUT_MS} ms`)
    await sleep(Math.min(100, Math.max(10, waitedMs / 20)))
  }
}

/**
 * As `until`, for what is asserted: ends when none of it throws any more, and says what was wrong last. In the place of
 * `vi.waitFor`, which gives up after a second and sets a fake clock forward with every look.
 */
export async function untilHolds(check: () => void | Promise<void>): Promise<void> {
  let wrong: unknown
  const holds = async (): Promise<boolean> => {
    try {
      await check()
      return true
    } catch (error) {
      wrong = error
      return false
    }
  }
  try {
    await until(holds)
  } catch (cause) {
    throw wrong ?? cause
  }
}

/** What Node and workerd both have, since tests of both wait; and what it is before a test has it stand still. */
const { setTimeout: wake } = globalThis

async function sleep(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    wake(resolve, ms)
  })
}
