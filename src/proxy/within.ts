/** The work took longer than it may. */
export class ExpiredError extends Error {
  readonly limitMs: number

  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`)
    this.name = 'ExpiredError'
    this.limitMs = limitMs
  }
}

/** The work, or an `ExpiredError` when it takes longer. The work itself goes on: only the waiting ends. */
export async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  if (ms === Infinity) return work
  let timer: ReturnType<typeof setTimeout> | null = null
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ExpiredError(ms)), ms)
  })
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
