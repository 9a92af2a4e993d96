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

/** By what Node and workerd both have: tests of both wait. */
async function sleep(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms)
  })
}
