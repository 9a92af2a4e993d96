import process from 'node:process'

/** What has been started, and how the process ends. */
export interface Closing {
  readonly isEnding: boolean
  /** Has `close` called at the end, the last added first; at once when the end has begun. */
  add(close: () => unknown): void
  /** Ends everything, then the process. */
  end(code: number): Promise<void>
}

/** After this the process ends whatever has not: children of the runtime go with it. */
const LONGEST_MS = 1500

/** Starts with nothing to close. */
export function createClosing(): Closing {
  const closers: (() => unknown)[] = []
  let isEnding = false
  return {
    get isEnding() {
      return isEnding
    },
    add(close) {
      if (isEnding) void attempt(close)
      else closers.push(close)
    },
    async end(code) {
      if (isEnding) return
      isEnding = true
      setTimeout(() => process.exit(code), LONGEST_MS)
      for (const close of closers.toReversed()) await attempt(close)
      process.exit(code)
    },
  }
}

/** One thing that does not close in good order must not keep the next from closing. */
async function attempt(close: () => unknown): Promise<void> {
  try {
    await close()
  } catch (error) {
    process.stderr.write(`while ending: ${String(error)}\n`)
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ends in good order when the process is told to end. From now on nobody else hears of it: the runtime's library
 * would exit at once with the signal's number, before anything is closed. Its listener for `exit` stays, and that
 * one ends the runtime whatever happens.
 */
export function endOnSignals(closing: Closing): void {
  for (const signal of SIGNALS) process.on(signal, () => void closing.end(0))
  process.on('newListener', (event: string, listener: () => void) => {
    if (SIGNALS.some((signal) => signal === event)) {
      queueMicrotask(() => process.off(event, listener))
    }
  })
}

const PARENT_CHECK_MS = 250

/**
 * Ends when the shell that npm runs its scripts in ends. npm hands a signal on to that shell, and not every shell
 * hands it on to what it runs: without this, a supervisor that stops npm would leave the router behind.
 */
export function endWithNpm(closing: Closing): void {
  if (process.env.npm_lifecycle_event !== 'start') return
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== shell) void closing.end(0)
  }, PARENT_CHECK_MS)
  timer.unref()
}
