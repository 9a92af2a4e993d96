/** Work that may be given up. */
export interface Deadline {
  /** Fires when the time is over. */
  readonly signal: AbortSignal
  /** What is left of the time. */
  leftMs(): number
}

/** What stands for a result when the time was over first. */
export const EXPIRED = Symbol('expired')

/**
 * The result of the work, or `EXPIRED`. The work is told by the signal to stop; where it cannot be stopped,
 * since `connect` takes no signal, only the waiting ends. No `AbortSignal.timeout`: it would hold the
 * invocation for the whole time although the answer has come (workerd #4936).
 */
export async function withDeadline<Value>(
  timeoutMs: number,
  work: (deadline: Deadline) => Promise<Value>,
): Promise<Value | typeof EXPIRED> {
  const controller = new AbortController()
  const endsAtMs = Date.now() + timeoutMs
  const leftMs = (): number => Math.max(0, endsAtMs - Date.now())
  let timer: ReturnType<typeof setTimeout> | null = null
  const expired = new Promise<typeof EXPIRED>((resolve) => {
    timer = setTimeout(() => {
      resolve(EXPIRED)
      controller.abort()
    }, timeoutMs)
  })
  try {
    return await Promise.race([work({ signal: controller.signal, leftMs }), expired])
  } finally {
    clearTimeout(timer)
  }
}
